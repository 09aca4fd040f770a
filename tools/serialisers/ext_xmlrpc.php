<?php
// Rows as JSON on stdin become an answer on stdout, written by PHP's xmlrpc extension (Debian: php-xmlrpc, php-cli).
// With "numbers" as its argument, texts that look like numbers become numbers, as json_encode()'s JSON_NUMERIC_CHECK has it.
$rows = json_decode(stream_get_contents(STDIN), true);
if (in_array('numbers', $argv)) {
    foreach ($rows as &$row) {
        foreach ($row as &$value) {
            if (is_numeric($value)) {
                $value = $value + 0;
            }
        }
        unset($value);
    }
    unset($row);
}
echo xmlrpc_encode_request(null, $rows, ['encoding' => 'utf-8', 'escaping' => ['markup'], 'verbosity' => 'pretty']);

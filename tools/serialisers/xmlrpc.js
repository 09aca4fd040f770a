// Rows as JSON on stdin become an answer on stdout, written by Node's xmlrpc (npm: xmlrpc).
// With "numbers" as its argument, texts that look like numbers become numbers.
const fs = require('fs');
const serializer = require('xmlrpc/lib/serializer');

const rows = JSON.parse(fs.readFileSync(0, 'utf8'));
if (process.argv.includes('numbers')) {
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (typeof value === 'string' && /^-?\d+(\.\d+)?(e-?\d+)?$/i.test(value)) row[name] = Number(value);
    }
  }
}
process.stdout.write(serializer.serializeMethodResponse(rows));

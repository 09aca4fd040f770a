# Rows as JSON on stdin become an answer on stdout, written by Perl's RPC::XML (Debian: librpc-xml-perl).
use strict;
use warnings;
use JSON::PP;
use RPC::XML;

local $/;
my $rows = JSON::PP->new->decode(<STDIN>);
$RPC::XML::ENCODING = 'utf-8';
binmode STDOUT, ':encoding(UTF-8)';
# The types follow the text: 550 is an int, 5.1 a double, whatever Perl keeps it in.
print RPC::XML::response->new(RPC::XML::smart_encode($rows))->as_string;

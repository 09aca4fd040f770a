# Rows as JSON on stdin become an answer on stdout, written by Perl's Frontier::RPC2 (Debian: libfrontier-rpc-perl).
use strict;
use warnings;
use Frontier::RPC2;
use JSON::PP;

local $/;
my $rows = JSON::PP->new->decode(<STDIN>);
binmode STDOUT, ':encoding(UTF-8)';
print Frontier::RPC2->new(encoding => 'UTF-8')->encode_response($rows);

# Rows as JSON on stdin become an answer on stdout, written by Perl's XMLRPC::Lite (Debian: libxmlrpc-lite-perl).
use strict;
use warnings;
use Encode qw(encode);
use JSON::PP;
use XMLRPC::Lite;

local $/;
my $rows = JSON::PP->new->decode(<STDIN>);
# It wants bytes, not characters: it sends what is not ASCII as base64, and MIME::Base64 knows bytes only.
for my $row (@$rows) {
    $_ = encode('UTF-8', $_) for values %$row;
}
print XMLRPC::Serializer->envelope(response => 'bounces', $rows);

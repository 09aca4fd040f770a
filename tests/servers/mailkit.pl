#!/usr/bin/perl
# A FastCGI application that answers as the service is thought to: Perl, with the XML-RPC libraries that Perl has.
#
# The end of the path chooses who reads the call and writes the answer:
#   rpc.fcgi       RPC::XML::Server
#   frontier.fcgi  Frontier::RPC2
#   json.fcgi      JSON::PP, the JSON form
#
# What a delivery is answered with stands in the file $MAILKIT_PLANS/<ID_send>.json, which a test writes:
#   rows    number of rows; without it, "Invalid ID_send" is the answer
#   text    a string instead of rows, as the service refuses
#   lacks   true: the function needs a Perl module that is not there
#   dies    how the script ends in the middle of its answer: "kill", "die" (Perl's own), or "finish" (the request ends
#           in order, and only the text is cut)
#   after   what share of the body is sent before
#   times   how many calls end so; later ones are answered whole
#   length  true: send Content-Length
# Each call adds one byte to the file <ID_send>.calls.

use strict;
use warnings;
use utf8;

use Encode ();
use FCGI ();
use Frontier::RPC2 ();
use JSON::PP ();
use RPC::XML ();
use RPC::XML::Server ();

my $FUNCTION = 'mailkit.report.message.bounces';
my $CLIENT_ID = 1234567;
my $MD5 = '0123456789abcdef0123456789abcdef';

$RPC::XML::ENCODING = 'utf-8';
my $server = RPC::XML::Server->new(no_http => 1, no_default => 1);
$server->add_method({ type => 'function', name => $FUNCTION, code => \&bounces });
my $frontier = Frontier::RPC2->new(encoding => 'UTF-8');
my $json = JSON::PP->new->utf8->canonical;

my %form = (
    rpc      => [ 'text/xml',         sub { Encode::encode('UTF-8', $server->dispatch($_[0])->as_string) } ],
    frontier => [ 'text/xml',         sub { in_bytes($frontier->serve($_[0], { $FUNCTION => \&bounces })) } ],
    json     => [ 'application/json', \&answer_in_json ],
);

my $plan = {};

fork_workers($ENV{MAILKIT_WORKERS}) if $ENV{MAILKIT_WORKERS};
my %request;
my $request = FCGI::Request(\*STDIN, \*STDOUT, \*STDERR, \%request);
while ($request->Accept() >= 0) {
    answer();
    $request->Finish();
}

sub answer {
    my ($name) = $request{REQUEST_URI} =~ m{(\w+)\.fcgi};
    my ($type, $serve) = @{ $form{$name} };
    read STDIN, my $call, $request{CONTENT_LENGTH} || 0;
    $plan = {};
    my $body = $serve->($call);
    print "Content-Type: $type\r\n";
    print 'Content-Length: ', length $body, "\r\n" if $plan->{length};
    print "\r\n";
    if ($plan->{dies} && $plan->{call} <= ($plan->{times} || 1)) {
        print substr $body, 0, int($plan->{after} * length $body);
        $request->Flush();
        return if $plan->{dies} eq 'finish';
        die "the script dies in the middle of its answer\n" if $plan->{dies} eq 'die';
        kill KILL => $$;
    }
    print $body;
    return;
}

# The function itself: a string is a refusal, as the vendor documents it.
sub bounces {
    my ($client_id, $md5, $id_send) = @_;
    return 'Unauthorized' unless $client_id eq $CLIENT_ID && $md5 eq $MD5;
    return 'Missing ID_send' unless defined $id_send;
    read_plan($id_send);
    require Mailkit::Module::That::Is::Missing if $plan->{lacks};
    return $plan->{text} if defined $plan->{text};
    return 'Invalid ID_send' unless defined $plan->{rows};
    return [ map { row($id_send, $_) } 1 .. $plan->{rows} ];
}

# Numbers look like numbers and texts like texts: what the libraries make of them is theirs.
sub row {
    my ($id_send, $n) = @_;
    return {
        EMAIL           => "someone$n\@example.com",
        ID_EMAIL        => 1000 + $n,
        ID_USER_LIST    => 7,
        ID_SEND_MESSAGE => 5_000_000 + $n,
        DATE            => '2014-12-23 16:22:22',
        STATUS          => $n % 2 ? '5.1' : '5.1.1',
        EMAIL_STATUS    => 'permanent',
        BOUNCE_CAT      => 'bad-mailbox',
        REASON          => $n % 3 ? "Schránka <$n> & další" : '550',
    };
}

sub answer_in_json {
    my $call = $json->decode($_[0]);
    my $answer = eval { bounces($call->{id}, $call->{md5}, $call->{parameters}{ID_send}) };
    $answer = $@ if $@;
    if (ref $answer) {
        $_ = "$_" for map { values %$_ } @$answer;
    }
    return $json->encode(ref $answer ? $answer : { error_status => 1, error => $answer });
}

sub in_bytes {
    my ($text) = @_;
    utf8::encode($text) if utf8::is_utf8($text);
    return $text;
}

sub read_plan {
    my ($id_send) = @_;
    my $path = "$ENV{MAILKIT_PLANS}/$id_send";
    open my $file, '<', "$path.json" or return;
    local $/;
    $plan = $json->decode(<$file>);
    open my $calls, '>>', "$path.calls" or die "$path.calls: $!\n";
    print $calls '.';
    close $calls;
    $plan->{call} = -s "$path.calls";
    return;
}

# Keep so many processes that serve; the first process only replaces those that end.
sub fork_workers {
    my ($count) = @_;
    my %workers;
    local $SIG{TERM} = sub { kill TERM => keys %workers; exit 0 };
    while (1) {
        while (keys %workers < $count) {
            my $pid = fork;
            die "fork: $!\n" unless defined $pid;
            if (!$pid) {
                $SIG{TERM} = 'DEFAULT';
                return;
            }
            $workers{$pid} = 1;
        }
        delete $workers{ wait() };
    }
    return;
}

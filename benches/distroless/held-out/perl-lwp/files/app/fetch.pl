#!/usr/bin/env perl
use strict;
use warnings;
use LWP::UserAgent;
use HTML::TreeBuilder;
use HTTP::Date;
use Time::Local;
use Storable qw(dclone);
use MIME::Base64;

my $answer = LWP::UserAgent->new(timeout => 5)->get($ARGV[0]);
print $answer->status_line, ' ', $answer->decoded_content;
print HTML::TreeBuilder->new_from_content('<p>a<b>c')->look_down(_tag => 'b')->as_text, "\n";
print time2str(1700000000), ' ', encode_base64('abc');
print scalar(@{ dclone([1, 2]) }), "\n";
binmode STDOUT, ':encoding(iso-8859-1)';
print "\x{e4}\n";
printf "%s\n", join ',', map { lc } sort { $a cmp $b } grep { /\p{Lu}/ } qw(A b C);
my $zone = qx(date -u -d \@0 +%F);
print $zone;

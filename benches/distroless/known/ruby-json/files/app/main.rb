require 'json'
require 'set'
require 'time'
require 'digest'
require 'tempfile'
require 'net/http'
require 'erb'

puts JSON.generate({ 'a' => 1, 'b' => [nil, true] })
puts JSON.parse('{"x": [1, 2.5]}')['x'].sum
puts Time.at(1_700_000_000).utc.iso8601
puts Set.new([3, 1, 3]).to_a.sort.inspect
puts Digest::SHA256.hexdigest('abc')[0, 16]
puts ERB.new('<%= 6 * 7 %>').result
puts Net::HTTP.get(URI('http://127.0.0.1:18080/hello'))
Tempfile.create { |file| puts File.basename(file).length.positive? }
puts 'straße'.upcase

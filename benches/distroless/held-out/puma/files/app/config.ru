require 'nokogiri'
require 'json'

run(lambda do |env|
  case env['PATH_INFO']
  when '/xml' then [200, { 'content-type' => 'text/plain' }, [Nokogiri::XML('<a><b>7</b></a>').at('b').text, "\n"]]
  else [200, { 'content-type' => 'application/json' }, [JSON.generate(env['REQUEST_METHOD'])]]
  end
end)

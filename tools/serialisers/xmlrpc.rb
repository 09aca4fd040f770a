# Rows as JSON on stdin become an answer on stdout, written by Ruby's xmlrpc (Debian: ruby-xmlrpc, ruby).
# With "numbers" as its argument, texts that look like numbers become numbers.
require 'json'
require 'xmlrpc/client' # which loads xmlrpc/create in the right order

rows = JSON.parse(STDIN.read)
if ARGV.include?('numbers')
  rows.each do |row|
    row.transform_values! do |value|
      case value
      when /\A-?\d+\z/ then value.to_i
      when /\A-?\d+(\.\d+)?(e-?\d+)?\z/i then value.to_f
      else value
      end
    end
  end
end
print XMLRPC::Create.new.methodResponse(true, rows)

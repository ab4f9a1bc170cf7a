<?php
echo mb_strtoupper('straße äöü'), ' ', mb_strlen('日本語'), "\n";
$document = new DOMDocument();
$document->loadXML('<a><b c="1">x</b><b c="2">y</b></a>');
foreach ((new DOMXPath($document))->query('//b[@c=2]') as $node) {
    echo $node->textContent, "\n";
}
echo (new DateTime('@1700000000'))->setTimezone(new DateTimeZone('Asia/Tokyo'))->format(DATE_ATOM), "\n";
echo json_encode(['a' => 1, 'b' => [true, null]]), ' ', preg_replace('/\d+/', '#', 'a1b22'), "\n";
echo simplexml_load_string('<r><i>7</i></r>')->i, ' ', hash('sha256', 'abc'), "\n";
echo implode(',', array_intersect(['dom', 'mbstring', 'xml', 'json'], array_map('strtolower', get_loaded_extensions()))), "\n";

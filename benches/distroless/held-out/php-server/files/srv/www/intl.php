<?php
echo (new NumberFormatter('de_DE', NumberFormatter::DECIMAL))->format(1234567.89), ' ';
echo (new IntlDateFormatter('fr_FR', IntlDateFormatter::FULL, IntlDateFormatter::NONE, 'Asia/Tokyo'))->format(1700000000), ' ';
$words = ['z', 'ä', 'a'];
(new Collator('sv_SE'))->sort($words);
echo implode(',', $words), ' ', transliterator_transliterate('Any-Latin; Latin-ASCII', 'Ελλάς'), "\n";
echo file_get_contents('https://localhost:18443/hello');

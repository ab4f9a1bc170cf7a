exports.words = require('fs').readFileSync(__dirname + '/words.txt', 'utf8').trim();

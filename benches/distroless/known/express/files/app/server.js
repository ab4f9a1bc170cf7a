const express = require('express');
const app = express();
app.get('/', (request, response) => response.send('<h1>Hello</h1>'));
app.get('/json', (request, response) => response.json({ a: 1, zone: new Date(1.7e12).toLocaleString('de-DE', { timeZone: 'Asia/Tokyo' }) }));
app.use('/static', express.static('public', { etag: false, lastModified: false }));
app.listen(18081, '127.0.0.1');

import crypto from 'node:crypto';
import fs from 'node:fs/promises';
import https from 'node:https';
import os from 'node:os';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import zlib from 'node:zlib';
import { fileURLToPath } from 'node:url';

if (isMainThread) {
  https.get('https://localhost:18443/hello', (answer) => answer.on('data', (part) => process.stdout.write(part)));
  console.log(crypto.createHash('sha256').update('a').digest('hex').slice(0, 8), zlib.gzipSync('aaaa').length);
  console.log(new Intl.DateTimeFormat('ja-JP', { timeZone: 'America/New_York', dateStyle: 'full' }).format(1.7e12), 'ä'.localeCompare('z', 'sv'));
  console.log(os.userInfo().username, (await fs.readdir('/app')).length, new TextDecoder('euc-jp').decode(new Uint8Array([0xa4, 0xa2])));
  const worker = new Worker(fileURLToPath(import.meta.url));
  worker.on('message', (words) => console.log(words));
} else {
  parentPort.postMessage('from the worker');
}

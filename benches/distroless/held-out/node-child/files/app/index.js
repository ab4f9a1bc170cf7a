const { execSync, spawn, fork } = require('child_process');
if (process.argv[2] === 'child') {
  process.send({ pid: typeof process.pid });
} else {
  console.log(execSync('uname -s | tr A-Z a-z').toString().trim());
  spawn('sort', ['-r']).on('error', (error) => console.log(error.code)).on('exit', (code) => console.log('sort', code)).stdin.end('a\nb\n');
  fork(__filename, ['child']).on('message', (message) => console.log(message));
  console.log(require('./words').words, require('words-pack'));
}

// SPDX-License-Identifier: MIT
// Runs a WebAssembly program: what of WASI a C library needs for arguments, the environment,
// standard output and an exit code. That of node 20 crashes where a program ends in code that was
// optimized.
//
// usage: node run.mjs PROGRAM [ARGUMENT...]
import fs from 'node:fs';

const SUCCESS = 0, BAD_FILE = 8, CHARACTER_DEVICE = 2, MAY_WRITE = 64n;
const args = process.argv.slice(2);
const environment = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
let memory; // its buffer is another one whenever it has grown

function view() {
  return new DataView(memory.buffer);
}

function sizes(strings, count, bytes) {
  view().setUint32(count, strings.length, true);
  view().setUint32(bytes, strings.reduce((sum, s) => sum + Buffer.byteLength(s) + 1, 0), true);
  return SUCCESS;
}

function strings(of, pointers, at) {
  of.forEach((s, i) => {
    view().setUint32(pointers + 4 * i, at, true);
    at += Buffer.from(memory.buffer).write(s + '\0', at);
  });
  return SUCCESS;
}

class Exit {
  constructor(code) {
    this.code = code;
  }
}

const wasi = {
  args_sizes_get: (count, bytes) => sizes(args, count, bytes),
  args_get: (pointers, at) => strings(args, pointers, at),
  environ_sizes_get: (count, bytes) => sizes(environment, count, bytes),
  environ_get: (pointers, at) => strings(environment, pointers, at),
  fd_close: () => SUCCESS,
  fd_seek: () => BAD_FILE,
  fd_fdstat_get(fd, at) {
    new Uint8Array(memory.buffer, at, 24).fill(0);
    view().setUint8(at, CHARACTER_DEVICE);
    view().setBigUint64(at + 8, MAY_WRITE, true);
    return fd < 3 ? SUCCESS : BAD_FILE;
  },
  fd_write(fd, pieces, count, written) {
    let total = 0;
    for (let i = 0; i < count; i++) {
      const at = view().getUint32(pieces + 8 * i, true);
      const length = view().getUint32(pieces + 8 * i + 4, true);
      fs.writeSync(fd, new Uint8Array(memory.buffer, at, length));
      total += length;
    }
    view().setUint32(written, total, true);
    return SUCCESS;
  },
  proc_exit(code) {
    throw new Exit(code);
  },
};

const module = new WebAssembly.Module(fs.readFileSync(args[0]));
const {exports} = new WebAssembly.Instance(module, {wasi_snapshot_preview1: wasi});
memory = exports.memory;
try {
  exports._start();
} catch (reason) {
  if (!(reason instanceof Exit))
    throw reason;
  process.exitCode = reason.code;
}

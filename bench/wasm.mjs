// SPDX-License-Identifier: MIT
// Gigabytes per second of each kernel in a WebAssembly module, by the engine that runs this.
//
//   clang --target=wasm32 -msimd128 -O3 -ffreestanding -nostdlib -Iinclude -Wl,--no-entry \
//     -Wl,--initial-memory=4194304 bench/wasm.c embed/csumoff_unity.c -o build/bench.wasm
//   node bench/wasm.mjs build/bench.wasm [ROUNDS]
import fs from 'node:fs';
import os from 'node:os';

const SIZES = [20, 40, 64, 128, 256, 552, 1460, 4096, 16384, 131072];
const MIXES = [[20, 64], [40, 1500]], MIXED = 65536;
const BYTES_A_ROUND = 1000000;
const SOURCE = (1 << 20) + 14, COPY = (2 << 20) + 14, LENGTHS = 3 << 20;
const [path, rounds = 60] = process.argv.slice(2);
const {exports} = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(path)));
const memory = new Uint8Array(exports.memory.buffer);
for (let i = 0; i < SIZES.at(-1); i++)
  memory[SOURCE + i] = i * 167 + (i >> 8);

function string(at) {
  return Buffer.from(memory.subarray(at, memory.indexOf(0, at))).toString();
}

const kernels = Array.from({length: exports.kernel_count()}, (_, i) => i);
const names = kernels.map(kernel => string(exports.kernel_name(kernel)));

// Nanoseconds that f takes, by a kernel.
function timed(kernel, f, ...args) {
  exports.kernel_use(kernel);
  const begin = process.hrtime.bigint();
  f(...args);
  return Number(process.hrtime.bigint() - begin);
}

function print(title, rates, width) {
  console.log(title.padEnd(16) + rates.map(rate => rate.padStart(width)).join(''));
}

// In turns, so that whatever else the machine does meets all of them; the best of all rounds.
function fixedLengths() {
  const rows = [
    ...names.map((title, kernel) => ({title, kernel, f: exports.sum})),
    {title: 'reading', kernel: 0, f: exports.read},
    ...names.map((name, kernel) => ({title: name + ' copies', kernel, f: exports.copy})),
  ].map(row => ({...row, best: SIZES.map(() => Infinity)}));
  for (let round = 0; round < rounds; round++)
    for (const {kernel, f, best} of rows)
      SIZES.forEach((length, at) => {
        const calls = Math.ceil(BYTES_A_ROUND / (length + 64));
        const ns = timed(kernel, f, SOURCE, length, calls, COPY) / calls;
        best[at] = Math.min(best[at], ns);
      });
  print('', SIZES.map(String), 8);
  for (const {title, best} of rows)
    print(title, SIZES.map((length, at) => (length / best[at]).toFixed(1)), 8);
}

// Lengths by a generator of random numbers, the same ones in each run.
function randomLengths(least, most) {
  const lengths = new Uint16Array(memory.buffer, LENGTHS, MIXED);
  for (let i = 0, x = 1; i < MIXED; i++) {
    x = Math.imul(x, 1664525) + 1013904223 >>> 0;
    lengths[i] = least + Math.floor(x / 2 ** 32 * (most - least + 1));
  }
  const bytes = lengths.reduce((sum, n) => sum + n), best = kernels.map(() => Infinity);
  for (let round = 0; round < rounds; round++)
    for (const kernel of kernels)
      best[kernel] =
        Math.min(best[kernel], timed(kernel, exports.sum_mixed, SOURCE, LENGTHS, MIXED));
  return best.map(ns => (bytes / ns).toFixed(1));
}

console.log(`node ${process.version}, V8 ${process.versions.v8}, ${os.cpus()[0].model}; ` +
            `data at offset 14, GB/s, best of ${rounds}`);
// Code that ran often enough is compiled again, by the engine's compiler that optimizes.
for (const kernel of kernels)
  for (const f of [exports.sum, exports.read, exports.copy])
    timed(kernel, f, SOURCE, 512, 200000, COPY);
await new Promise(done => setTimeout(done, 300));
fixedLengths();
const mixes = MIXES.map(mix => randomLengths(...mix));
print('random lengths', MIXES.map(mix => mix.join('..')), 12);
names.forEach((name, kernel) => print(name, mixes.map(rates => rates[kernel]), 12));

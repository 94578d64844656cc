// SPDX-License-Identifier: MIT
// WebAssembly has no guard pages, but its memory has two ends: an access before address 0 or behind
// the last byte is a fault. So the first and the last bytes of the memory are summed and copied.
//
// usage: node ends.mjs MODULE KERNEL...
//        MODULE exports memory, csumoff_KERNEL_sum_(), csumoff_KERNEL_copy_() of each kernel,
//        csumoff_cpu_limit() and csumoff_kernel_active(), and has no data below 4096
import fs from 'node:fs';

const PAGE = 65536;
const SHORT = 1000, LONG = 1500, MOST = 1900; // vector.h changes its ways at 1,536
const [path, ...kernels] = process.argv.slice(2);
const {exports} = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(path)));
exports.memory.grow(1); // a page that nobody uses
const memory = new Uint8Array(exports.memory.buffer), end = memory.length;
const inside = end - PAGE / 2;
let checks = 0;

// The sum of pairs of bytes, in the order in which they are in memory.
function reference(at, length) {
  let sum = 0;
  for (let i = 0; i < length; i++)
    sum += i & 1 ? memory[at + i] * 256 : memory[at + i];
  return sum;
}

function fold(sum) {
  while (sum > 0xFFFF)
    sum = sum % 0x10000 + Math.floor(sum / 0x10000);
  return sum;
}

function check(what, expected, call) {
  let found;
  try {
    found = call();
  } catch (fault) {
    found = fault.message;
  }
  checks++;
  if (found === expected)
    return;
  console.log(`${what}: expected ${expected}, found ${found}`);
  process.exit(1);
}

function checkPlace(kernel, where, at, length) {
  const sum = exports[`csumoff_${kernel}_sum_`], copy = exports[`csumoff_${kernel}_copy_`];
  const about = what => `${kernel}, ${what} ${where} of the memory, ${length} bytes`;
  for (let i = 0; i < length; i++)
    memory[at + i] = 255 - (i * 89 + length) % 251;
  const data = memory.slice(at, at + length), expected = fold(reference(at, length));
  check(about('sum at'), expected, () => fold(sum(at, length, 0) >>> 0));
  check(about('copy from'), expected, () => fold(copy(inside, at, length, 0) >>> 0));
  memory.fill(0, at, at + length);
  check(about('copy to'), expected, () => fold(copy(at, inside, length, 0) >>> 0));
  check(about('difference of a copy to'), 0,
        () => Buffer.compare(data, memory.subarray(at, at + length)));
}

for (const kernel of kernels)
  for (let length = 0; length <= MOST; length = length === SHORT ? LONG : length + 1) {
    checkPlace(kernel, 'the beginning', 0, length);
    checkPlace(kernel, 'the end', end - length, length);
  }

// A module has no FPU context to be without: a limit of 0 leaves the best kernel in use.
function active() {
  const name = exports.csumoff_kernel_active();
  return Buffer.from(memory.subarray(name, memory.indexOf(0, name))).toString();
}
check('kernel in use', kernels[0], active);
exports.csumoff_cpu_limit(0);
check('kernel in use under a limit of 0', kernels[0], active);
console.log(`${checks} checks`);

import { describe, expect, it } from 'vitest';
import bindings from '../src/generated/bindings.ts?raw';
import { nextSteps } from '../src/nextSteps';
import strings from '../src/strings.ts?raw';

const named = /export type NextStep =([^;]*);/.exec(bindings)?.[1] ?? '';
const steps = [...named.matchAll(/"([a-z_]+)"/g)].map((match) => match[1]);

describe('what a person can do next', () => {
  it('has words for every step that the core knows, and for no other', () => {
    expect(steps.length).toBeGreaterThan(100);
    expect(Object.keys(nextSteps).sort()).toEqual([...steps].sort());
  });

  it('is a sentence', () => {
    for (const [step, words] of Object.entries(nextSteps)) expect(words, step).toMatch(/^[A-Z].*\.$/);
  });

  it('never asks a person at the window to type a command', () => {
    for (const [step, words] of Object.entries(nextSteps)) expect(words, step).not.toMatch(/`/);
    const command = /(^|[\s'"`])--\w|\bkeepsake [a-z]|script\//;
    expect('Run keepsake backup check --read-data').toMatch(command);
    for (const words of [...Object.values(nextSteps), ...strings.split('\n')]) expect(words).not.toMatch(command);
  });
});

import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const tauri = { group: ['@tauri-apps/*', '**/generated/bindings'], message: 'Only src/backend speaks to Tauri.' };
const features = {
  // From a feature, one folder up is the other features.
  regex: '^(\\.\\./(?!\\.\\./)|.*/features/)',
  message: 'Features never import each other: what two of them need lives in design or backend.',
};
const screens = { regex: '/(features|shell)/', message: 'The design and the backend know no screen.' };

export default ts.config(
  { ignores: ['dist', 'src/generated'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      'no-console': 'error',
      'max-lines': ['error', 250],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/backend/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [tauri] }] },
  },
  {
    files: ['src/features/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [tauri, features] }] },
  },
  {
    files: ['src/design/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [tauri, screens] }] },
  },
  {
    files: ['src/backend/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [screens] }] },
  },
  { files: ['src/strings.ts'], rules: { 'max-lines': 'off' } },
);

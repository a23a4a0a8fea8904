import { mount } from 'svelte';
import App from './App.svelte';
import { tauriBackend } from './backend/tauri';
import './design/base.css';
import { apply } from './design/theme.svelte';

apply();
mount(App, { target: document.getElementById('app')!, props: { backend: tauriBackend() } });

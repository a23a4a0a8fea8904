/** Where the window can be. */
export type Screen = 'welcome' | 'setup' | 'chats' | 'add' | 'backup' | 'restore' | 'recovery' | 'protect' | 'fleet' | 'settings';

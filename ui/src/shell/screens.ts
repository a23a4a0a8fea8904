/** Where the window can be. */
export type Screen = 'welcome' | 'setup' | 'chats' | 'add' | 'backup' | 'restore' | 'recovery' | 'protect' | 'fleet' | 'settings';

/** Where long work is shown in full. */
export function screenOf(work: string): Screen | null {
  switch (work) {
    case 'import_chats':
      return 'add';
    case 'back_up':
    case 'check_backup':
      return 'backup';
    case 'restore':
      return 'restore';
    case 'export_chat':
      return 'chats';
    default:
      return null;
  }
}

/** Where the window can be. */
export type Screen = 'welcome' | 'setup' | 'chats' | 'add' | 'backup' | 'restore' | 'recovery' | 'protect' | 'fleet' | 'settings';

/** Where long work is shown in full. */
export function screenOf(work: string): Screen | null {
  switch (work) {
    case 'import_chats':
      return 'add';
    case 'back_up':
    case 'check_backup':
    case 'repair_backup':
    case 'prune_backup':
    case 'forget_chats':
    case 'restore_part':
      return 'backup';
    case 'delete_chat':
    case 'check_archive':
    case 'repair_archive':
      return 'settings';
    case 'prepare_key_change':
    case 'change_key':
      return 'recovery';
    case 'restore':
      return 'restore';
    case 'export_chat':
      return 'chats';
    default:
      return null;
  }
}

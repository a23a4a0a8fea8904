/** What can open a backup when the computer that made it is gone. */
export type Way = 'kit' | 'code' | 'key';

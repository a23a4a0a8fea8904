/** The folder that was chosen in the setup, until a backup is there. Leaving the setup does not lose it. */
export const setupPlace = $state<{ chosen: string }>({ chosen: '' });

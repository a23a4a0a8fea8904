/** Whether anything on screen came from a mock fleet. Once seen, the banner stays. */
export const mock = $state({ seen: false });

export function sawMock(isMock: boolean): void {
  if (isMock) mock.seen = true;
}

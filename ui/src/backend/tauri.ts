import { convertFileSrc } from '@tauri-apps/api/core';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { open, save } from '@tauri-apps/plugin-dialog';
import { commands, events, type Progress } from '../generated/bindings';
import type { Backend, JobNews, Running, Tell } from './backend';

/** The real core, behind Tauri's bridge. */
export function tauriBackend(): Backend {
  const jobs = new JobBoard();
  return {
    about: commands.about,
    status: commands.status,

    watchJobs,
    stopJob: (job) => void commands.cancel(job),
    onCloseAsked: (asked) =>
      untilCalled(
        events.closeAsked.listen(() => {
          void commands.closeQuestionShown();
          asked();
        }),
      ),
    closeWindow: commands.closeWindow,

    lookAround: commands.lookAround,
    detect: commands.detect,
    importChats: (path, dateOrder, key, keyFile, tell) =>
      jobs.run(tell, (job) => commands.importChats(job, path, dateOrder, key, keyFile)),
    pickFile: (title) => open({ title, multiple: false, directory: false }),
    pickFolder: (title) => open({ title, multiple: false, directory: true }),
    onDrop,

    conversations: commands.conversations,
    setOwner: commands.setOwner,
    sameChats: commands.sameChats,
    uniteChats: commands.uniteChats,
    keepChatsApart: commands.keepChatsApart,
    separateChat: commands.separateChat,
    messages: commands.messages,
    positionAt: commands.positionAt,
    find: commands.find,
    shelveChat: commands.shelveChat,
    messageInfo: commands.messageInfo,
    chatNumbers: commands.chatNumbers,
    neighbourMedia: commands.neighbourMedia,
    saveAttachment: commands.saveAttachment,
    saveText: commands.saveText,
    openAttachment: commands.openAttachment,
    openLink: commands.openLink,
    mediaMonths: commands.mediaMonths,
    mediaOfMonth: commands.mediaOfMonth,
    pickNew: (title, name) => save({ title, defaultPath: name }),
    exportChat: (conversation, format, from, until, out, tell) =>
      jobs.run(tell, (job) => commands.exportChat(job, conversation, format, from, until, out)),
    people: commands.people,
    linkPeople: commands.linkPeople,
    partPeople: commands.partPeople,
    unlinkPerson: commands.unlinkPerson,
    namePerson: commands.namePerson,
    mediaUrl: (hash, edge) => convertFileSrc(hash, 'media') + (edge === undefined ? '' : `?edge=${edge}`),

    protection: commands.protection,
    dismissDrillReminder: commands.dismissDrillReminder,
    makeKit: commands.makeKit,
    confirmKit: commands.confirmKit,
    removeKit: commands.removeKit,
    kits: commands.kits,
    drillKit: commands.drillKit,
    confirmCode: commands.confirmCode,
    discardCode: commands.discardCode,
    knownFleets: commands.knownFleets,
    onFleetLink: (opened) => {
      const listening = events.fleetLinked.listen(({ payload }) => opened(payload.fleet_url));
      return () => void listening.then((unlisten) => unlisten());
    },

    codeStrength: commands.codeStrength,
    enroll: (fleetUrl, ownCode, tell) => jobs.run(tell, (job) => commands.enroll(job, fleetUrl, ownCode)),
    rotateCode: (ownCode, tell) => jobs.run(tell, (job) => commands.rotateCode(job, ownCode)),
    drill: (code, tell) => jobs.run(tell, (job) => commands.drill(job, code)),
    resetTries: commands.resetTries,
    carryOn: commands.carryOn,
    vaultStatus: commands.vaultStatus,
    vaultEvents: commands.vaultEvents,

    computers: commands.computers,
    keyChangeGoingOn: commands.keyChangeGoingOn,
    prepareKeyChange: (remove, offlineKey, tell) => jobs.run(tell, (job) => commands.prepareKeyChange(job, remove, offlineKey)),
    changeKey: (tell) => jobs.run(tell, (job) => commands.changeKey(job)),
    giveUpKeyChange: commands.giveUpKeyChange,

    passkeys: commands.passkeys,
    addPasskey: (fleetUrl, place, name, pin, tell) =>
      jobs.run(tell, (job) => commands.addPasskey(job, fleetUrl, place, name, pin)),
    renamePasskey: commands.renamePasskey,
    removePasskey: (id, pin, lastWayIn, tell) => jobs.run(tell, (job) => commands.removePasskey(job, id, pin, lastWayIn)),
    drillPasskey: (id, pin, tell) => jobs.run(tell, (job) => commands.drillPasskey(job, id, pin)),
    revealCode: (id, pin, tell) => jobs.run(tell, (job) => commands.revealCode(job, id, pin)),

    verifyFleet: commands.verifyFleet,
    verifyFleetEvidence: commands.verifyFleetEvidence,
    verifyBundleFile: commands.verifyBundleFile,
    saveFleetReport: async (report, title) => {
      const path = await save({ title, defaultPath: `fleet-report-${report.epoch}.html` });
      if (path !== null) await commands.saveFleetReport(report, path);
      return path;
    },

    findBackups: commands.findBackups,
    previewBackup: commands.previewBackup,
    askVault: commands.askVault,
    recover: (place, fleet, code, tell) => jobs.run(tell, (job) => commands.recover(job, place, fleet, code)),
    recoverWithPasskey: (place, fleet, kept, pin, tell) =>
      jobs.run(tell, (job) => commands.recoverWithPasskey(job, place, fleet, kept, pin)),
    recoverWithOfflineKey: commands.recoverWithOfflineKey,
    addPlace: commands.addPlace,
    backUp: (place, tell) => jobs.run(tell, (job) => commands.backUp(job, place)),
    snapshots: commands.snapshots,
    checkBackup: (place, all, tell) => jobs.run(tell, (job) => commands.checkBackup(job, place, all)),
    restore: (place, snapshot, tell) => jobs.run(tell, (job) => commands.restore(job, place, snapshot)),
    restorePart: (place, part, tell) => jobs.run(tell, (job) => commands.restorePart(job, place, part)),
    placeNow: commands.placeNow,
    forgetPlace: commands.forgetPlace,
    startAnew: commands.startAnew,
    acceptOlder: commands.acceptOlderBackup,
    browseBackup: commands.browseBackup,
    backupStats: commands.backupStats,
    diffBackup: commands.diffBackup,
    pruneBackup: (place, keep, dryRun, tell) => jobs.run(tell, (job) => commands.pruneBackup(job, place, keep, dryRun)),
    repairBackup: (place, tell) => jobs.run(tell, (job) => commands.repairBackup(job, place)),
    forgetChats: (place, chats, tell) => jobs.run(tell, (job) => commands.forgetChats(job, place, chats)),
    deleteChat: (conversation, tell) => jobs.run(tell, (job) => commands.deleteChat(job, conversation)),
    onBackedUp: (done) => {
      const listening = events.backedUpByItself.listen(done);
      return () => void listening.then((unlisten) => unlisten());
    },

    schedule: commands.schedule,
    setSchedule: commands.setSchedule,
    backgroundMode: commands.backgroundMode,
    setBackground: commands.setBackground,
    watchedFolders: commands.watchedFolders,
    watchFolder: commands.watchFolder,
    unwatchFolder: commands.unwatchFolder,
    dismissOffer: commands.dismissOffer,
    diagnostics: commands.diagnostics,
    checkArchive: (tell) => jobs.run(tell, (job) => commands.checkArchive(job)),
    repairArchive: (tell) => jobs.run(tell, (job) => commands.repairArchive(job)),
  };
}

/** Numbers the jobs and hands each its own progress. One listener for all of them. */
class JobBoard {
  // A page that was loaded anew must not use the numbers of work that the one before it began.
  #next = crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
  #told = new Map<number, Tell>();
  #listening: Promise<unknown> | undefined;

  run<T>(tell: (progress: Progress) => void, start: (job: number) => Promise<T>): Running<T> {
    const job = this.#next++;
    this.#told.set(job, tell);
    this.#listening ??= events.jobProgress.listen(({ payload }) => this.#told.get(payload.job)?.(payload.progress));
    const result = this.#listening.then(() => start(job)).finally(() => this.#told.delete(job));
    return { result, stop: () => void commands.cancel(job) };
  }
}

function watchJobs(news: JobNews): () => void {
  const listening = Promise.all([
    events.jobBegan.listen(({ payload }) => news.began(payload.job, payload.work)),
    events.jobProgress.listen(({ payload }) => news.told(payload.job, payload.progress)),
    events.jobEnded.listen(({ payload }) => news.ended(payload.job, payload.error)),
  ]);
  // Asked after the listeners are there: what begins or ends meanwhile is heard.
  void listening.then(() => commands.resume()).then(({ running, after_death }) => news.resumed(running, after_death));
  return untilCalled(listening.then((all) => () => all.forEach((unlisten) => unlisten())));
}

const untilCalled = (listening: Promise<() => void>) => () => void listening.then((unlisten) => unlisten());

function onDrop(dropped: (paths: string[]) => void, over: (inside: boolean) => void): () => void {
  return untilCalled(
    getCurrentWebview().onDragDropEvent(({ payload }) => {
      over(payload.type === 'enter' || payload.type === 'over');
      if (payload.type === 'drop' && payload.paths.length > 0) dropped(payload.paths);
    }),
  );
}

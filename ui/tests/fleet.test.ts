import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { FleetReport } from '../src/backend/backend';
import Fleet from '../src/features/fleet/Fleet.svelte';
import { s } from '../src/strings';
import { fakeBackend, within } from './fakeBackend';

const report: FleetReport = {
  trusted: true,
  verdict: 'This fleet can be trusted.',
  mock: false,
  url: 'https://fleet.example#sha256=00',
  trust: '00',
  fingerprint: '0123-4567-89AB-CDEF',
  namespace: 'example',
  fleet_id: '00',
  epoch: 2,
  threshold: 2,
  policy: { strict: false, votes_first: 2, votes_last: 3, guesses: 10, guesses_at_worst: 15 },
  not_after: 2_000_000_000,
  sites: [{ index: 1, region: 'eu-north', endpoint: 'https://one.example', serial: 1001, session_key: '04ab', reachable: false, problem: null, caught: [] }],
  checks: [{ id: 'E1', plain: 'The evidence is what was signed.', technical: '32 files', outcome: 'pass', why: 'Every file is covered.' }],
  bundle: '11',
  checked_at: 1_900_000_000,
  evidence: { source: 'https://fleet.example/evidence/2/', files: 35, problem: null },
  asked_sites: false,
  changes: [{ from_epoch: 1, to_epoch: 2, noticed_at: 1_900_000_000, text: ['Epoch 2: the fleet has a new key.'] }],
  next: '',
};

function shown(answers: Parameters<typeof fakeBackend>[0]) {
  const backend = fakeBackend({ verifyFleet: async () => report, ...answers });
  render(Fleet, { props: { suggested: 'https://fleet.example#sha256=00' }, ...within(backend) });
  return { backend, user: userEvent.setup() };
}

describe('the Fleet page', () => {
  it('says what changed, where the evidence came from, and that sites were not asked', async () => {
    shown({});
    expect(await screen.findByText('Epoch 2: the fleet has a new key.')).toBeTruthy();
    expect(screen.getByText(s.fleet.evidenceFiles(35, 'https://fleet.example/evidence/2/'))).toBeTruthy();
    expect(screen.getByText(s.fleet.notAsked)).toBeTruthy();
    expect(screen.queryByText(s.fleet.unreachable)).toBeNull();
  });

  it('says what to do when a check failed', async () => {
    const bad = { ...report, trusted: false, verdict: 'Do not trust this fleet.', next: 'Do not type a recovery code.' };
    shown({ verifyFleet: async () => bad });
    expect(await screen.findByText('Do not type a recovery code.')).toBeTruthy();
  });

  it('takes evidence from a folder', async () => {
    const other = { ...report, verdict: 'The evidence differs.', trusted: false };
    const { backend, user } = shown({ pickFolder: async () => '/evidence', verifyFleetEvidence: async () => other });
    await user.click(await screen.findByRole('button', { name: s.fleet.loadEvidence }));
    expect(await screen.findByText('The evidence differs.')).toBeTruthy();
    expect(backend.verifyFleetEvidence).toHaveBeenCalledWith('https://fleet.example#sha256=00', '/evidence');
  });

  it('checks saved files, with the same list', async () => {
    const refused = { ...report, trusted: false, verdict: 'Do not trust these files.', url: null, trust: '5e1f' };
    const { backend, user } = shown({ verifyBundleFile: async () => refused });
    await user.click(await screen.findByText(s.fleet.files.title));
    await user.type(screen.getByLabelText(s.fleet.files.bundle), '/saved/bundle.json');
    await user.type(screen.getByLabelText(s.fleet.files.evidence), '/saved/evidence.tar');
    await user.click(screen.getByRole('button', { name: s.fleet.files.check }));
    expect(await screen.findByText('Do not trust these files.')).toBeTruthy();
    expect(screen.getByText(s.fleet.checks)).toBeTruthy();
    expect(screen.getByText('5e1f')).toBeTruthy();
    const nothing = { trust: null, history: null, seen: null, consistency: null, at: null };
    const asked = { bundle: '/saved/bundle.json', evidence: '/saved/evidence.tar', ...nothing };
    expect(backend.verifyBundleFile).toHaveBeenCalledWith(asked);
  });

  it('saves the report and says where', async () => {
    const { backend, user } = shown({ saveFleetReport: async () => '/home/me/report.html' });
    await user.click(await screen.findByRole('button', { name: s.fleet.saveReport }));
    expect(await screen.findByText(s.fleet.saved('/home/me/report.html'))).toBeTruthy();
    expect(backend.saveFleetReport).toHaveBeenCalledWith(report, s.fleet.saveReport);
  });
});

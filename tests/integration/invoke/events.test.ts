import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { Writable } from 'node:stream';
import { findFunction, findRuntimeEmulator, lambdaEnvironment, readEvent } from '../../../scripts/invoke/built-function.js';
import { startLocalLambda } from '../../../scripts/invoke/local-lambda.js';
import { startSurroundings } from '../../../scripts/invoke/surroundings.js';
import { startEmulator } from '../../emulator/emulator.js';

const files = readdirSync('events');
it('x', async () => {
  const emulator = await startEmulator({ account: '111111111111', region: 'eu-west-1' });
  const sur = await startSurroundings();
  const t0 = Date.now();
  for (const name of ['ebs','ec2ami','rds','rds_cluster','docdb','redshift','data-buckets']) {
    let log = '';
    const lambda = await startLocalLambda({ ...findFunction(name), emulator: findRuntimeEmulator(), environment: lambdaEnvironment(name, {PATH: process.env['PATH'], ...emulator.environment(), ...sur.environment }), log: new Writable({write(c,_e,cb){log+=String(c);cb()}}) });
    for (const f of files.filter((x) => x.startsWith(name + '-'))) {
      const r = await lambda.invoke(sur.place(readEvent('events/' + f)));
      process.stderr.write("#"+[Date.now()-t0, f, JSON.stringify(r).slice(0, 300), JSON.stringify(sur.takeInvocations()).slice(0,100), JSON.stringify(sur.takeAnswers()).slice(0,100), log.split('\n').filter((l)=>l.includes('ERROR')).map((l)=>l.slice(0,300))].join(" ")+"\n");
      log = '';
    }
    await lambda.stop();
  }
  await sur.close();
  await emulator.stop();
}, 120000);

import { paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { EC2Client, Filter, Instance } from '@aws-sdk/client-ec2';
import { PAGE_SIZE } from './ec2-lists.js';
import { wholeList } from './whole-list.js';

/** Instances that can be backed up, now or in a moment; one that is shutting down is as good as gone. */
export const LIVING: Filter = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };

/** Instances that pass the filters, on every page. */
export async function listInstances(client: EC2Client, filters: Filter[]): Promise<readonly Instance[]> {
  const reservations = await wholeList(
    paginateDescribeInstances,
    { client, pageSize: PAGE_SIZE },
    { Filters: filters },
    ({ Reservations }) => Reservations,
  );
  return reservations.flatMap(({ Instances = [] }) => Instances);
}

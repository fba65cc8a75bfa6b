import { UTCDate } from '@date-fns/utc';
import type { BackupType } from '@shelvery/engine/terminal';
import { format } from 'date-fns';

/** What backups are made of, by type. */
export const TYPE_NAMES: Readonly<Record<BackupType, string>> = {
  ebs: 'EBS volumes',
  ec2ami: 'EC2 instances',
  rds: 'RDS instances',
  rds_cluster: 'RDS clusters',
  docdb: 'DocumentDB clusters',
  redshift: 'Redshift clusters',
};

/** @example '2026-11-24 03:01' */
export function timeText(time: Date): string {
  return format(new UTCDate(time), 'yyyy-MM-dd HH:mm');
}

/** @example '24 Nov 2026' */
export function dayText(time: Date): string {
  return format(new UTCDate(time), 'd MMM yyyy');
}

/** @example 'Nov' */
export function monthText(time: Date): string {
  return format(new UTCDate(time), 'MMM');
}

/** @example '24 Nov' */
export function dayOfMonthText(time: Date): string {
  return format(new UTCDate(time), 'd MMM');
}

/** A time that a list tells, which may be none. */
export function listedTimeText(created: string): string {
  return created === '' ? '' : timeText(new Date(created));
}

/** Whole hours up to three days, then whole days. @example '5 hours' */
export function spanText(hours: number): string {
  return hours < 72 ? counted(Math.floor(hours), 'hour') : counted(Math.floor(hours / 24), 'day');
}

/** @example counted(2, 'gap') // '2 gaps' */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function numberText(count: number): string {
  return WHOLE.format(count);
}

/** @example '1,250 GiB' */
export function gibText(gib: number): string {
  return gib >= 10_240 ? `${WHOLE.format(gib / 1024)} TiB` : `${WHOLE.format(gib)} GiB`;
}

/** An amount of money, without cents where it is large. */
export function moneyText(amount: number, currency: string): string {
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    maximumFractionDigits: amount >= 100 ? 0 : 2,
  }).format(amount);
}

/** A price for a GiB, which is a small part of one. */
export function priceText(price: number, currency: string): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency, maximumSignificantDigits: 4 }).format(price);
}

/** Of a page with no resource on it. What could not be looked at may have some. */
export function nothingFoundText(problems: readonly unknown[]): string {
  return problems.length === 0
    ? 'There is no marked resource, and there are no backups.'
    : 'In what could be looked at there is no marked resource, and there are no backups.';
}

import * as z from 'zod';
import { BACKUP_TYPES, Region } from '../values.js';

/** What has a price: the backups of each type, and EBS snapshots in the archive tier. */
const PRICED = [...BACKUP_TYPES, 'ebs_archive'] as const;
export type Priced = (typeof PRICED)[number];

const RegionName = z
  .string()
  .refine((name) => Region.safeParse(name).success, 'a region is named by its code, such as eu-west-1');
/** For a GiB in a month. */
const Price = z.number().min(0);

/** What a GiB of backups costs in a month. */
export const PriceTable = z.strictObject({
  /** The day of the prices, for people. */
  as_of: z.iso.date(),
  /** ISO 4217. */
  currency: z.string().regex(/^[A-Z]{3}$/, 'a currency of three letters, such as USD'),
  /** In regions, and for types, that `regions` does not name. */
  default: z.record(z.enum(PRICED), Price),
  regions: z.record(RegionName, z.partialRecord(z.enum(PRICED), Price)).default({}),
});
export type PriceTable = Readonly<z.infer<typeof PriceTable>>;

/**
 * List prices without taxes, free allowances and discounts: those of us-east-1 (pages "Amazon EBS pricing", "Amazon RDS
 * pricing", "Amazon Aurora pricing", "Amazon DocumentDB pricing" and "Amazon Redshift pricing"), and of EBS snapshots in
 * regions where they are known to differ. They are for an estimate, and AWS changes them: `--prices` replaces them.
 */
export const BUILT_IN_PRICES: PriceTable = {
  as_of: '2026-06-01',
  currency: 'USD',
  default: {
    ebs: 0.05,
    ebs_archive: 0.0125,
    ec2ami: 0.05,
    rds: 0.095,
    rds_cluster: 0.021,
    docdb: 0.021,
    redshift: 0.024,
  },
  regions: {
    'ap-southeast-2': { ebs: 0.055, ec2ami: 0.055 },
    'ca-central-1': { ebs: 0.055, ec2ami: 0.055 },
    'eu-central-1': { ebs: 0.054, ec2ami: 0.054 },
    'eu-west-2': { ebs: 0.053, ec2ami: 0.053 },
    'eu-west-3': { ebs: 0.053, ec2ami: 0.053 },
    'sa-east-1': { ebs: 0.068, ec2ami: 0.068 },
    'us-west-1': { ebs: 0.055, ec2ami: 0.055 },
  },
};

/** The price of something in a region, and whether it is the one for regions that the table does not name. */
export function priceOf(table: PriceTable, priced: Priced, region: string): { price: number; assumed: boolean } {
  const own = Object.entries(table.regions).find(([name]) => name === region)?.[1][priced];
  return { price: own ?? table.default[priced], assumed: own === undefined };
}

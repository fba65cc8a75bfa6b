/** What does the same against a real account. */
export const CLOSING_WORDS = [
  '  npm run build',
  '  export AWS_PROFILE=… AWS_REGION=eu-west-1',
  '  node dist/cli/shelvery.mjs all create_data_buckets --dry-run   # shows what would be made; changes nothing',
  '  node dist/cli/shelvery.mjs all create_backups --dry-run        # which resources, under which names',
  '  node dist/cli/shelvery.mjs all create_backups                  # or one type, such as ebs',
  '  node dist/cli/shelvery.mjs all list_backups',
  '  node dist/cli/shelvery.mjs all clean_backups --dry-run         # what would be removed, and why the rest is kept',
  'With copies in another region, shared with a bunker account:',
  '  export shelvery_dr_regions=eu-central-1 shelvery_share_aws_account_ids=999999999999',
  '  node dist/cli/shelvery.mjs all create_backups',
  'And with the credentials of the bunker:',
  '  node dist/cli/shelvery.mjs all create_data_buckets',
  '  export shelvery_source_aws_account_ids=111111111111',
  '  node dist/cli/shelvery.mjs all pull_shared_backups',
  'To have a resource backed up, give it the tag shelvery:create_backup = true. README.md tells the rest.',
].join('\n');

import { groupValue, networkSettings, notedName, publicOrNot, storageSettings } from './database-settings.js';
import { prepareDatabaseSnapshot } from './prepare-source.js';
import { isWhereItWas, tagList, valuesOf } from './target.js';
import type { Draft, Restored, Setting } from './target.js';

/** An RDS instance from a snapshot, with the groups and settings that a restore would set to defaults. */
export function restoreDatabase(draft: Draft): Restored {
  const { wanted } = draft;
  const { facts = {} } = wanted;
  const snapshot = prepareDatabaseSnapshot(draft, {
    arnNoun: 'snapshot',
    noun: 'DBSnapshot',
    waiter: 'db-snapshot-available',
  });
  const preparation = draft.steps.length;
  const name = notedName(draft);
  const { iops, throughput } = storageSettings(facts);
  const tags = tagList(wanted.tags);
  const zone = facts.multi_az === true ? undefined : facts.availability_zone;
  const settings: readonly Setting[] = [
    { value: name, api: 'DBInstanceIdentifier', cfn: 'DBInstanceIdentifier', tf: 'identifier' },
    { value: snapshot, api: 'DBSnapshotIdentifier', cfn: 'DBSnapshotIdentifier', tf: 'snapshot_identifier' },
    {
      value: draft.known('INSTANCE_CLASS', 'the class of the instance', facts.instance_class),
      api: 'DBInstanceClass',
      cfn: 'DBInstanceClass',
      tf: 'instance_class',
    },
    { value: facts.engine, cfn: 'Engine' },
    ...networkSettings(draft, facts),
    {
      value: groupValue(draft, 'PARAMETER_GROUP', 'a DB parameter group', facts.parameter_group),
      api: 'DBParameterGroupName',
      cfn: 'DBParameterGroupName',
      tf: 'parameter_group_name',
    },
    {
      value: groupValue(draft, 'OPTION_GROUP', 'an option group', facts.option_group),
      api: 'OptionGroupName',
      cfn: 'OptionGroupName',
      tf: 'option_group_name',
    },
    { value: facts.license_model, api: 'LicenseModel', cfn: 'LicenseModel', tf: 'license_model' },
    { value: facts.multi_az, api: 'MultiAZ', cfn: 'MultiAZ', tf: 'multi_az' },
    {
      value: isWhereItWas(wanted) ? zone : undefined,
      api: 'AvailabilityZone',
      cfn: 'AvailabilityZone',
      tf: 'availability_zone',
    },
    {
      value: publicOrNot(draft, facts),
      api: 'PubliclyAccessible',
      cfn: 'PubliclyAccessible',
      tf: 'publicly_accessible',
    },
    { value: facts.storage_type, api: 'StorageType', cfn: 'StorageType', tf: 'storage_type' },
    { value: iops, api: 'Iops', cfn: 'Iops', tf: 'iops' },
    { value: throughput, api: 'StorageThroughput', cfn: 'StorageThroughput', tf: 'storage_throughput' },
    { value: facts.network_type, api: 'NetworkType', cfn: 'NetworkType', tf: 'network_type' },
    {
      value: facts.iam_authentication,
      api: 'EnableIAMDatabaseAuthentication',
      cfn: 'EnableIAMDatabaseAuthentication',
      tf: 'iam_database_authentication_enabled',
    },
    {
      value: facts.auto_minor_version_upgrade,
      api: 'AutoMinorVersionUpgrade',
      cfn: 'AutoMinorVersionUpgrade',
      tf: 'auto_minor_version_upgrade',
    },
    {
      value: facts.copy_tags_to_snapshot,
      api: 'CopyTagsToSnapshot',
      cfn: 'CopyTagsToSnapshot',
      tf: 'copy_tags_to_snapshot',
    },
    {
      value: facts.deletion_protection,
      api: 'DeletionProtection',
      cfn: 'DeletionProtection',
      tf: 'deletion_protection',
    },
    {
      value: facts.log_exports,
      api: 'EnableCloudwatchLogsExports',
      cfn: 'EnableCloudwatchLogsExports',
      tf: 'enabled_cloudwatch_logs_exports',
    },
    { value: tags, api: 'Tags', cfn: 'Tags' },
    { value: tags === undefined ? undefined : { ...wanted.tags }, tf: 'tags' },
    {
      value: facts.backup_retention_days,
      later: 'BackupRetentionPeriod',
      cfn: 'BackupRetentionPeriod',
      tf: 'backup_retention_period',
    },
    { value: facts.backup_window, later: 'PreferredBackupWindow', cfn: 'PreferredBackupWindow', tf: 'backup_window' },
    {
      value: facts.maintenance_window,
      later: 'PreferredMaintenanceWindow',
      cfn: 'PreferredMaintenanceWindow',
      tf: 'maintenance_window',
    },
    {
      value: facts.max_storage_gib,
      later: 'MaxAllocatedStorage',
      cfn: 'MaxAllocatedStorage',
      tf: 'max_allocated_storage',
    },
    { value: false, tf: 'skip_final_snapshot' },
  ];
  draft.call({
    title: 'Restore the instance',
    operation: 'RestoreDBInstanceFromDBSnapshot',
    parameters: valuesOf(settings, 'api'),
  });
  const waitForIt = (title: string): void => {
    draft.call({
      title,
      kind: 'wait',
      operation: 'db-instance-available',
      parameters: { DBInstanceIdentifier: name },
    });
  };
  waitForIt('Wait until it is available');
  const later = valuesOf(settings, 'later');
  if (Object.keys(later).length > 0) {
    draft.call({
      title: 'Set what a restore does not take',
      operation: 'ModifyDBInstance',
      parameters: { DBInstanceIdentifier: name, ...later, ApplyImmediately: true },
    });
    waitForIt('Wait until that is done');
  }
  draft.note('Users and passwords are those of the backup. Its address is new: change what connects to it.');
  draft.note('Enhanced monitoring, Performance Insights, read replicas and alarms are not restored.');
  return {
    preparation,
    cfn: { Instance: { Type: 'AWS::RDS::DBInstance', Properties: valuesOf(settings, 'cfn') } },
    terraform: { aws_db_instance: { restored: valuesOf(settings, 'tf') } },
  };
}

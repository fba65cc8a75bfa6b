import { GetAllowedImagesSettingsCommand } from '@aws-sdk/client-ec2';
import type { EC2Client, GetAllowedImagesSettingsResult, ImageCriterion } from '@aws-sdk/client-ec2';
import type { AccountId } from '@shelvery/engine';
import { fetchedOnce } from '../shared/fetched-once.js';

/**
 * Why images that an account shares may not be seen although they are shared: where "Allowed AMIs" is enabled, DescribeImages
 * leaves out what fits none of its criteria (pages "GetAllowedImagesSettings", "Control the discovery and use of AMIs in
 * Amazon EC2 with Allowed AMIs"). Asked for once.
 */
export function createAllowedImages(client: () => EC2Client): (of: AccountId) => Promise<string | undefined> {
  const settings = fetchedOnce(() => client().send(new GetAllowedImagesSettingsCommand({})));
  return async (of) => hides(await settings(), of);
}

function hides({ State, ImageCriteria = [] }: GetAllowedImagesSettingsResult, of: AccountId): string | undefined {
  if (State !== 'enabled' || ImageCriteria.some((criterion) => allowsAllOf(criterion, of))) return undefined;
  return (
    `"Allowed AMIs" is enabled here and may hide it: add a criterion that has nothing but the image provider ${of} ` +
    '(aws ec2 replace-image-criteria-in-allowed-images-settings)'
  );
}

/** An image fits a criterion that it fits every part of: one that names the account alone takes all of its images. */
function allowsAllOf(criterion: ImageCriterion, of: AccountId): boolean {
  const { ImageProviders = [], ...others } = criterion;
  return ImageProviders.includes(of) && Object.values(others).every((part) => part === undefined);
}

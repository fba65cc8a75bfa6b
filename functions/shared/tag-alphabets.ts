/**
 * What a tag's value must not hold. RDS, page "Tag" of its API reference; the same in Redshift, page "Tag resources in
 * Amazon Redshift": Unicode letters, digits, white space and `_ . : / = + - @`. Tabs and line ends are no white space
 * there.
 */
export const OUTSIDE_RDS_TAG_VALUES = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;

/** The same for DocumentDB, page "Tag" of its API reference: no `@`. */
export const OUTSIDE_DOCDB_TAG_VALUES = /[^\p{L}\p{Z}\p{N}_.:/=+-]/gu;

/** Re-exports the used parts of the AWS SDK's EC2 client, so that the bundle contains only these. */
export { EC2Client, type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2'

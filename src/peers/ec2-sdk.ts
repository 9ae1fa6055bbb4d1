/** All that is used of EC2's client in the AWS SDK: the bundle holds no more of it than what is named here. */
export { EC2Client, type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2'

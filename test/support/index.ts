export * from './n8nHost';
export * from './editor';
export * from './runNode';
export * from './signedLink';
export * from './trigger';
export * from './waitFor';
export * from './webhook';

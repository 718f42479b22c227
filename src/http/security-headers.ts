import type { FastifyHelmetOptions } from '@fastify/helmet';

/** Nothing but our own files, no frame around us, no form to elsewhere. */
export const SECURITY_HEADERS: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
  // TLS ends in front of us, where it ends at all: whoever ends it decides.
  strictTransportSecurity: false,
};

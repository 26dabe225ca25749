package io.sampo.wire;

/** How a command's header is written; a response uses that of its request. */
public enum HeaderCodec {
  /** Codec 0. */
  JSON,
  /** Codec 1. */
  ROCKETMQ
}

package io.sampo.cluster.net;

import java.time.Duration;

/**
 * What a connection may do.
 *
 * @param frameBytesMax the longest frame that is taken, with its length
 * @param unsentMax the most frames that wait to be sent; one more is dropped
 * @param firstFrameMax after how long without a first frame the connection is closed; counts from
 *     when it was asked for
 * @param silenceMax after how long without a byte it is closed
 * @param quietMax after how long without having sent anything its handler is told
 */
public record ConnectionRules(
    int frameBytesMax,
    int unsentMax,
    Duration firstFrameMax,
    Duration silenceMax,
    Duration quietMax) {}

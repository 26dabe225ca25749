package io.sampo.client;

import java.time.Duration;

/**
 * How a producer sends; see {@link Producer.Builder}.
 *
 * @param sendTimeout for all attempts of a message together
 * @param attemptsMax how often a message is sent at most
 * @param bodyBytesMax the longest body
 */
record ProducerSettings(Duration sendTimeout, int attemptsMax, int bodyBytesMax) {}

/**
 * Transactions: half messages that wait for their producer's decision, and the questions to
 * producers that have not decided in time.
 */
@NullMarked
package io.sampo.actors.transaction;

import org.jspecify.annotations.NullMarked;

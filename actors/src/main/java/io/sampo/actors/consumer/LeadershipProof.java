package io.sampo.actors.consumer;

import io.sampo.cluster.replication.ReplyTo;

/**
 * The proof that the group's log group is still led here, for answers that nothing is written for.
 * A leader that was replaced may not know it yet.
 */
@FunctionalInterface
public interface LeadershipProof {
  /**
   * Asks for the proof; never blocks.
   *
   * @param replyTo told true when nobody else had acknowledged anything when this was asked, false
   *     when that can't be said. On any thread
   */
  void ask(ReplyTo<Boolean> replyTo);
}

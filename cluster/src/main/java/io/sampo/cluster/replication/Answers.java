package io.sampo.cluster.replication;

import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.record.MessageDraft;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives answers and buffers back to those outside. Their code runs on the thread of the log, so a
 * fault in it is written down and must not take the log of everybody else with it.
 */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  static <T> void tell(ReplyTo<T> replyTo, T answer) {
    try {
      replyTo.tell(answer);
    } catch (RuntimeException e) {
      LOG.error("{} was not taken by {}", answer, replyTo, e);
    }
  }

  /** Refuses an append that was not taken. */
  static void refuse(Append append, AppendRefused refusal) {
    release(append.drafts());
    tell(append.replyTo(), refusal);
  }

  /** Releases every draft, also when one of them can't be. */
  static void release(List<MessageDraft> drafts) {
    for (int i = 0; i < drafts.size(); i++) {
      try {
        drafts.get(i).release();
      } catch (RuntimeException e) {
        LOG.error("a message for {} could not be released", drafts.get(i).queue(), e);
      }
    }
  }
}

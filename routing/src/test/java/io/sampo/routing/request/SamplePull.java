package io.sampo.routing.request;

import io.sampo.wire.header.PullRequestHeader;
import org.jspecify.annotations.Nullable;

/** A pull with what a test wants to be different. */
final class SamplePull {
  String group = "G";
  String topic = "T";
  int queueId = 1;
  int messages = 32;
  int bytes = Integer.MAX_VALUE;
  int sysFlag = PullRequestHeader.HAS_SUBSCRIPTION;
  long commitOffset;
  long suspendMs;
  @Nullable String expression = "*";
  @Nullable String expressionType;
  long version;

  PullRequestHeader header() {
    return new PullRequestHeader(
        group,
        topic,
        queueId,
        100,
        messages,
        sysFlag,
        commitOffset,
        suspendMs,
        expression,
        version,
        expressionType,
        bytes);
  }

  SamplePull tags(String tags) {
    expression = tags;
    return this;
  }

  SamplePull commits(long offset) {
    sysFlag |= PullRequestHeader.COMMIT_OFFSET;
    commitOffset = offset;
    return this;
  }

  SamplePull suspends(long millis) {
    sysFlag |= PullRequestHeader.MAY_SUSPEND;
    suspendMs = millis;
    return this;
  }

  SamplePull byHeartbeat(long subscriptionVersion) {
    sysFlag &= ~PullRequestHeader.HAS_SUBSCRIPTION;
    expression = null;
    version = subscriptionVersion;
    return this;
  }
}

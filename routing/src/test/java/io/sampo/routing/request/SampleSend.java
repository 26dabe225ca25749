package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sampo.wire.header.SendRequestHeader;
import org.jspecify.annotations.Nullable;

/** A send with what a test wants to be different. */
final class SampleSend {
  String topic = "T";
  String defaultTopic = "TBW102";
  int defaultQueues = 4;
  int queueId = 1;
  int sysFlag;
  byte @Nullable [] properties = "TAGS\u0001red\u0002UNIQ_KEY\u0001ABC".getBytes(UTF_8);
  boolean batch;

  SendRequestHeader header() {
    return new SendRequestHeader(
        "P",
        topic,
        defaultTopic,
        defaultQueues,
        queueId,
        sysFlag,
        1234,
        7,
        properties,
        2,
        false,
        -1,
        batch,
        "another-broker");
  }

  SampleSend topic(String name) {
    topic = name;
    return this;
  }

  SampleSend queue(int id) {
    queueId = id;
    return this;
  }

  SampleSend properties(String text) {
    properties = text.getBytes(UTF_8);
    return this;
  }
}

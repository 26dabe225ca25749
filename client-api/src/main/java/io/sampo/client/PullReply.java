package io.sampo.client;

import io.netty.buffer.ByteBuf;
import io.sampo.record.MessageRecord;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.PullResponseHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pull has brought.
 *
 * @param outcome what to do now
 * @param nextOffset where to pull next
 * @param messages in order; none unless found
 */
record PullReply(Outcome outcome, long nextOffset, List<ReceivedMessage> messages) {
  /** The answers to a pull that are not refusals. */
  enum Outcome {
    FOUND,
    /** There is none yet. */
    NOT_YET,
    /** There were some, and none was wanted. */
    NONE_MATCHED,
    /** The offset is outside of the queue. */
    MOVED
  }

  /** Reads a response, copying each record out of it. */
  static PullReply read(TopicQueue queue, RemotingCommand response) {
    Outcome outcome =
        switch (response.code()) {
          case ResponseCode.SUCCESS -> Outcome.FOUND;
          case ResponseCode.PULL_NOT_FOUND -> Outcome.NOT_YET;
          case ResponseCode.PULL_RETRY_IMMEDIATELY -> Outcome.NONE_MATCHED;
          case ResponseCode.PULL_OFFSET_MOVED -> Outcome.MOVED;
          default -> throw RefusedException.of(response);
        };
    PullResponseHeader header = PullResponseHeader.read(response.fields());
    List<ReceivedMessage> messages =
        outcome == Outcome.FOUND ? records(queue, response.body()) : List.of();
    return new PullReply(outcome, header.nextOffset(), messages);
  }

  private static List<ReceivedMessage> records(TopicQueue queue, ByteBuf body) {
    List<ReceivedMessage> messages = new ArrayList<>();
    ByteBuffer bytes = body.nioBuffer();
    int at = 0;
    while (at < bytes.limit()) {
      if (!MessageRecord.isWhole(bytes, at, bytes.limit())) {
        throw new ClientException("a record of " + queue + " is damaged at byte " + at);
      }
      byte[] record = new byte[MessageRecord.totalSize(bytes, at)];
      bytes.get(at, record);
      messages.add(new ReceivedMessage(queue, ByteBuffer.wrap(record)));
      at += record.length;
    }
    return messages;
  }
}

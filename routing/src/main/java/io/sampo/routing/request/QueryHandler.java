package io.sampo.routing.request;

import io.sampo.actors.group.LogGroup.Part;
import io.sampo.actors.group.MessageFinder;
import io.sampo.actors.group.MessageFinder.FindRefused;
import io.sampo.actors.group.MessageFinder.FindReply;
import io.sampo.actors.group.MessageFinder.MessagesFound;
import io.sampo.actors.group.RecordReader.NoRecord;
import io.sampo.actors.group.RecordReader.ReadRecord;
import io.sampo.actors.group.RecordReader.RecordFound;
import io.sampo.actors.group.RecordReader.RecordReply;
import io.sampo.record.MessageRecord;
import io.sampo.routing.net.Exchange;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.QueryMessageRequestHeader;
import io.sampo.wire.header.QueryMessageResponseHeader;
import io.sampo.wire.header.ViewMessageRequestHeader;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;

/**
 * Finding messages: by a key (12) and by the place that a message id names (33). What is in the
 * broker's own topics is found by neither. The messages go out as they are stored.
 */
final class QueryHandler implements RequestHandler {
  private final LeaderCache leaders;
  private final InstantSource clock;

  QueryHandler(LeaderCache leaders, InstantSource clock) {
    this.leaders = leaders;
    this.clock = clock;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    if (command.code() == RequestCode.QUERY_MESSAGE) {
      query(session, command);
    } else {
      view(session, command);
    }
  }

  private void query(ClientSession session, RemotingCommand command) {
    QueryMessageRequestHeader header = QueryMessageRequestHeader.read(command.fields());
    Exchange request = session.begin(command);
    if (header.indexType().equals(QueryMessageRequestHeader.TAG_TYPE)) {
      request.answer(ResponseCode.SYSTEM_ERROR, "there is no index of tags");
    } else if (header.maxNum() < 1 || header.key().isEmpty()) {
      request.answer(
          ResponseCode.INVALID_PARAMETER, "a query has a key, and is for at least one message");
    } else if (Names.isHidden(header.topic())) {
      notFound(request);
    } else {
      leaders.tellPart(
          session.logGroup(),
          Part.KEYS,
          new MessageFinder.Find(
              header.topic(),
              header.key(),
              header.uniqueKey(),
              header.beginTimestampMs(),
              header.endTimestampMs(),
              header.maxNum(),
              reply -> onFound(request, reply)));
    }
  }

  private void onFound(Exchange request, FindReply reply) {
    if (reply instanceof FindRefused refused) {
      Refusals.of(refused).answer(request);
    } else if (reply instanceof MessagesFound found) {
      if (!found.records().isEmpty()) {
        request.answer(
            new QueryMessageResponseHeader(clock.millis(), found.searchedTo()), found.records());
      } else if (found.complete()) {
        notFound(request);
      } else {
        request.answer(
            ResponseCode.SYSTEM_ERROR,
            "nothing was found in the time that a query may take (sampo.query.time-max), but not"
                + " everything was looked at; try again, or name a shorter time");
      }
    }
  }

  private static void notFound(Exchange request) {
    request.answer(ResponseCode.QUERY_NOT_FOUND, "no message has this key in this time");
  }

  private void view(ClientSession session, RemotingCommand command) {
    long position = ViewMessageRequestHeader.read(command.fields()).offset();
    Exchange request = session.begin(command);
    leaders.tellPart(
        session.logGroup(),
        Part.RECORDS,
        new ReadRecord(position, reply -> onRecord(request, position, reply)));
  }

  private static void onRecord(Exchange request, long position, RecordReply reply) {
    if (reply instanceof RecordFound found) {
      LogSlice record = found.slice();
      ByteBuffer bytes = record.bytes();
      if (Names.isHidden(MessageRecord.topic(bytes, bytes.position()))) {
        record.close();
        noMessage(request, position);
      } else {
        request.answer(CommandHeader.NONE, List.of(record));
      }
    } else if (reply instanceof NoRecord none) {
      switch (none) {
        case NO_SUCH_RECORD -> noMessage(request, position);
        case READ_FAILED -> Refusals.READ_FAILED.answer(request);
        case NOT_LEADING -> Refusals.NOT_LEADING.answer(request);
      }
    }
  }

  private static void noMessage(Exchange request, long position) {
    request.answer(ResponseCode.SYSTEM_ERROR, "no message is at the offset " + position);
  }
}

package io.sampo.routing.request;

import io.sampo.routing.net.PortRole;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.EndTransactionRequestHeader;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each request whether it is carried out on this node or by the leader of its log group
 * ({@link CarriedOutBy}), and sends it there. Any node answers for any log group so. Shared by all
 * connections; event loops.
 */
final class Relay {
  private final Map<String, LogGroupPlace> places;
  private final RelaySettings settings;
  private final Duration pullWaitMax;
  private final int frameBytesMax;

  /**
   * @param places of log groups that may be led elsewhere, to which more may come at any time; all
   *     others are led here
   * @param pullWaitMax how long a request may wait for messages
   * @param frameBytesMax what other nodes take
   */
  Relay(
      Map<String, LogGroupPlace> places,
      RelaySettings settings,
      Duration pullWaitMax,
      int frameBytesMax) {
    this.places = places;
    this.settings = settings;
    this.pullWaitMax = pullWaitMax;
    this.frameBytesMax = frameBytesMax;
  }

  /** Where the log group of a port is led; null when its requests are always carried out here. */
  @Nullable LogGroupPlace placeOf(PortRole role) {
    return role.logGroup() == null ? null : places.get(role.logGroup());
  }

  /**
   * Whose leader has to carry out a request; null when it is this node's business, at once. Asked
   * for every request, and mostly done after one volatile read.
   */
  @Nullable LogGroupPlace elsewhere(ClientSession session, RemotingCommand command) {
    LogGroupPlace place = session.place();
    if (place == null) {
      return null;
    }
    int code = command.code();
    if (code == RequestCode.END_TRANSACTION || code == RequestCode.RECALL_MESSAGE) {
      place = named(command, place);
    }
    if (place.isHere() && !session.isWaiting()) {
      return null;
    }
    return CarriedOutBy.of(code).isLeader() ? place : null;
  }

  /** These name the log group that they are about, whatever port they come to. */
  private LogGroupPlace named(RemotingCommand command, LogGroupPlace fallback) {
    String name;
    if (command.code() == RequestCode.END_TRANSACTION) {
      name = EndTransactionRequestHeader.read(command.fields()).brokerName();
    } else {
      RecallHandle handle = RecallHandle.decode(command.fields().text("recallHandle"));
      name = handle == null ? null : handle.broker();
    }
    LogGroupPlace place = name == null ? null : places.get(name);
    return place == null ? fallback : place;
  }

  /** Passes a request on to the leader, now or when one is known. */
  void pass(ClientSession session, RemotingCommand command, LogGroupPlace place) {
    CarriedOutBy by = CarriedOutBy.of(command.code());
    boolean mayWait = !by.waits() || session.connection().mayWait();
    PassedRequest request =
        new PassedRequest(session, command, place, settings.leaderWait(), by.again());
    session.begin(request, by.waits() ? pullWaitMax.toMillis() : 0);
    if (!mayWait) {
      request.refuse(Refusals.PULLS_WAITING.code(), Refusals.PULLS_WAITING.remark());
    } else if (request.envelopeBytes() > frameBytesMax) {
      request.refuse(
          ResponseCode.MESSAGE_ILLEGAL, "the request is too long to be passed on to the leader");
    } else {
      request.start();
    }
  }
}

package io.sampo.multijvm.official.driver;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;

/**
 * Counts the failed messages that the broker said it has taken back (36). The client tells no
 * application whether it heard so; when it didn't it sends the message another way, and it may come
 * twice.
 */
final class ReturnHook implements RPCHook {
  private static final int CONSUMER_SEND_MSG_BACK = 36;
  private static final int SUCCESS = 0;

  private final Map<String, Integer> returned = new ConcurrentHashMap<>();

  @Override
  public void doBeforeRequest(String address, RemotingCommand request) {
    // counted when it is answered
  }

  @Override
  public void doAfterResponse(String address, RemotingCommand request, RemotingCommand response) {
    if (request.getCode() == CONSUMER_SEND_MSG_BACK
        && response != null
        && response.getCode() == SUCCESS) {
      returned.merge(request.getExtFields().get("originMsgId"), 1, Integer::sum);
    }
  }

  int count(String msgId) {
    return returned.getOrDefault(msgId, 0);
  }
}

package io.sampo.client;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.sampo.record.BodyCrc;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageIds;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.FrameBudget;
import io.sampo.wire.FrameDecoder;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.ConsumerData;
import io.sampo.wire.body.ConsumerIdList;
import io.sampo.wire.body.HeartbeatData;
import io.sampo.wire.body.SubscriptionData;
import io.sampo.wire.header.ConsumerGroupHeader;
import io.sampo.wire.header.OffsetResponseHeader;
import io.sampo.wire.header.PullRequestHeader;
import io.sampo.wire.header.PullResponseHeader;
import io.sampo.wire.header.QueryOffsetRequestHeader;
import io.sampo.wire.header.QueueRequestHeader;
import io.sampo.wire.header.RouteRequestHeader;
import io.sampo.wire.header.SendRequestHeader;
import io.sampo.wire.header.SendResponseHeader;
import io.sampo.wire.header.UnregisterClientRequestHeader;
import io.sampo.wire.header.UpdateOffsetRequestHeader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A small broker and name server on a port of its own, with a log in memory, for tests of the
 * client. It can be told to refuse or to ignore requests, to drop its connections, and to go away
 * and come back.
 */
final class TestBroker implements AutoCloseable {
  private static final byte[] NO_BODY = new byte[0];

  private final TestCluster cluster;
  private final String name;
  private final EventLoopGroup threads =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Map<String, List<byte[]>> queues = new HashMap<>();
  private final Map<String, Long> firstOffsets = new HashMap<>();
  private final List<Runnable> parked = new ArrayList<>();
  private final Map<Integer, AtomicInteger> received = new ConcurrentHashMap<>();
  private final Map<Integer, Trouble> troubles = new ConcurrentHashMap<>();
  private final Map<Channel, Integer> firstCodes = new ConcurrentHashMap<>();
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
  private Channel server;
  private final int port;

  TestBroker(TestCluster cluster, String name) {
    this.cluster = cluster;
    this.name = name;
    this.server = bootstrap().bind("127.0.0.1", 0).syncUninterruptibly().channel();
    this.port = ((InetSocketAddress) server.localAddress()).getPort();
  }

  String name() {
    return name;
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  /** How many requests with this code have come. */
  int received(int code) {
    AtomicInteger count = received.get(code);
    return count == null ? 0 : count.get();
  }

  /** How many pulls wait for messages. */
  int waiting() {
    synchronized (cluster) {
      return parked.size();
    }
  }

  /** The code of the first request on each connection that there is. */
  Collection<Integer> firstCodes() {
    return firstCodes.values();
  }

  /** Answers the next requests of a kind with a code, or not at all. */
  void refuse(int requestCode, int responseCode, int times) {
    troubles.put(requestCode, new Trouble(responseCode, new AtomicInteger(times)));
  }

  void ignore(int requestCode, int times) {
    refuse(requestCode, -1, times);
  }

  int connections() {
    return connections.size();
  }

  void dropConnections() {
    connections.forEach(connection -> connection.close().syncUninterruptibly());
  }

  void goAway() {
    server.close().syncUninterruptibly();
    dropConnections();
  }

  /** Listens again on the same port, as soon as no outgoing connection of anybody has it. */
  void comeBack() {
    Await.until(
        "port " + port + " is free",
        () -> {
          ChannelFuture binding = bootstrap().bind("127.0.0.1", port).awaitUninterruptibly();
          server = binding.channel();
          return binding.isSuccess();
        });
  }

  /** Forgets the oldest messages of a queue. */
  void trim(String topic, int queueId, long firstOffset) {
    synchronized (cluster) {
      firstOffsets.put(topic + queueId, firstOffset);
    }
  }

  int stored(String topic, int queueId) {
    synchronized (cluster) {
      return queue(topic, queueId).size();
    }
  }

  /** Tells the members of a group that it has changed. */
  void notifyMembers(String group) {
    synchronized (cluster) {
      for (TestCluster.Member member : cluster.groups.getOrDefault(group, Map.of()).values()) {
        ByteBuf frame = member.channel().alloc().buffer();
        CommandCodec.encodeRequest(
            frame,
            HeaderCodec.JSON,
            1,
            RequestCode.NOTIFY_CONSUMER_IDS_CHANGED,
            true,
            new ConsumerGroupHeader(group),
            0);
        member.channel().writeAndFlush(frame);
      }
    }
  }

  @Override
  public void close() {
    goAway();
    threads.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private ServerBootstrap bootstrap() {
    return new ServerBootstrap()
        .group(threads)
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(new FrameDecoder(1 << 24, new FrameBudget(1 << 26)))
                    .addLast(new Handler());
              }
            });
  }

  private List<byte[]> queue(String topic, int queueId) {
    return queues.computeIfAbsent(topic + queueId, key -> new ArrayList<>());
  }

  private void handle(Channel channel, RemotingCommand request) {
    received.computeIfAbsent(request.code(), code -> new AtomicInteger()).incrementAndGet();
    firstCodes.putIfAbsent(channel, request.code());
    Trouble trouble = troubles.get(request.code());
    if (trouble != null && trouble.left.getAndDecrement() > 0) {
      if (trouble.responseCode >= 0) {
        answer(channel, request, trouble.responseCode, CommandHeader.NONE, NO_BODY);
      }
      return;
    }
    synchronized (cluster) {
      switch (request.code()) {
        case RequestCode.GET_ROUTEINFO_BY_TOPIC -> route(channel, request);
        case RequestCode.SEND_MESSAGE_V2 -> send(channel, request);
        case RequestCode.PULL_MESSAGE -> {
          PullRequestHeader pull = PullRequestHeader.read(request.fields());
          long deadlineNanos =
              System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pull.suspendMaxMs());
          pull(channel, request.opaque(), pull, deadlineNanos);
        }
        case RequestCode.HEART_BEAT -> heartbeat(channel, request);
        case RequestCode.UNREGISTER_CLIENT -> unregister(channel, request);
        case RequestCode.GET_CONSUMER_LIST_BY_GROUP -> {
          String group = ConsumerGroupHeader.read(request.fields()).consumerGroup();
          List<String> ids = List.copyOf(cluster.groups.getOrDefault(group, Map.of()).keySet());
          answer(channel, request, 0, CommandHeader.NONE, new ConsumerIdList(ids).toJson());
        }
        case RequestCode.QUERY_CONSUMER_OFFSET -> {
          QueryOffsetRequestHeader query = QueryOffsetRequestHeader.read(request.fields());
          Long offset =
              cluster.offsets.get(
                  query.consumerGroup() + new TopicQueue(query.topic(), name, query.queueId()));
          if (offset == null) {
            answer(channel, request, ResponseCode.QUERY_NOT_FOUND, CommandHeader.NONE, NO_BODY);
          } else {
            answer(channel, request, 0, new OffsetResponseHeader(offset), NO_BODY);
          }
        }
        case RequestCode.UPDATE_CONSUMER_OFFSET -> {
          UpdateOffsetRequestHeader update = UpdateOffsetRequestHeader.read(request.fields());
          cluster.offsets.put(
              update.consumerGroup() + new TopicQueue(update.topic(), name, update.queueId()),
              update.commitOffset());
          answer(channel, request, 0, CommandHeader.NONE, NO_BODY);
        }
        case RequestCode.GET_MAX_OFFSET -> {
          QueueRequestHeader edge = QueueRequestHeader.read(request.fields());
          long end = queue(edge.topic(), edge.queueId()).size();
          answer(channel, request, 0, new OffsetResponseHeader(end), NO_BODY);
        }
        case RequestCode.GET_MIN_OFFSET -> {
          QueueRequestHeader edge = QueueRequestHeader.read(request.fields());
          long first = firstOffsets.getOrDefault(edge.topic() + edge.queueId(), 0L);
          answer(channel, request, 0, new OffsetResponseHeader(first), NO_BODY);
        }
        default ->
            answer(
                channel,
                request,
                ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
                CommandHeader.NONE,
                NO_BODY);
      }
    }
  }

  private void route(Channel channel, RemotingCommand request) {
    String topic = RouteRequestHeader.read(request.fields()).topic();
    var route = cluster.route(topic);
    if (route.queues().isEmpty()) {
      answer(channel, request, ResponseCode.TOPIC_NOT_EXIST, CommandHeader.NONE, NO_BODY);
    } else {
      answer(channel, request, 0, CommandHeader.NONE, route.toJson());
    }
  }

  private void send(Channel channel, RemotingCommand request) {
    SendRequestHeader header = SendRequestHeader.read(request.fields());
    cluster.topics.computeIfAbsent(header.topic(), topic -> header.defaultTopicQueues());
    List<byte[]> queue = queue(header.topic(), header.queueId());
    long offset = queue.size();
    HostAddress host = new HostAddress(new byte[] {127, 0, 0, 1}, port);
    byte[] properties = header.properties() == null ? NO_BODY : header.properties();
    ByteBuffer body = request.body().nioBuffer();
    MessageDraft draft =
        MessageDraft.to(new QueueKey(header.topic(), header.queueId()))
            .flags(header.flag(), header.sysFlag())
            .born(header.bornTimestampMs(), host)
            .storeHost(host)
            .body(body, BodyCrc.of(body))
            .properties(properties, MessageProperties.tagHash(properties))
            .build();
    byte[] record = new byte[MessageRecordWriter.sizeOf(draft)];
    MessageRecordWriter.encode(draft, offset, offset, 1, ByteBuffer.wrap(record), 0);
    queue.add(record);
    answer(
        channel,
        request,
        0,
        new SendResponseHeader(MessageIds.encode(host, offset), header.queueId(), offset, null),
        NO_BODY);
    List<Runnable> woken = List.copyOf(parked);
    parked.clear();
    woken.forEach(Runnable::run);
  }

  private void pull(Channel channel, int opaque, PullRequestHeader pull, long deadlineNanos) {
    List<byte[]> queue = queue(pull.topic(), pull.queueId());
    long first = firstOffsets.getOrDefault(pull.topic() + pull.queueId(), 0L);
    long offset = pull.queueOffset();
    if (offset < first || offset > queue.size()) {
      long moved = offset < first ? first : queue.size();
      answerPull(channel, opaque, ResponseCode.PULL_OFFSET_MOVED, moved, NO_BODY);
      return;
    }
    if (offset == queue.size()) {
      long leftNanos = deadlineNanos - System.nanoTime();
      if (!pull.maySuspend() || leftNanos <= 0) {
        answerPull(channel, opaque, ResponseCode.PULL_NOT_FOUND, offset, NO_BODY);
      } else {
        Runnable again = () -> pull(channel, opaque, pull, deadlineNanos);
        parked.add(again);
        channel
            .eventLoop()
            .schedule(
                () -> {
                  synchronized (cluster) {
                    if (parked.remove(again)) {
                      again.run();
                    }
                  }
                },
                leftNanos,
                TimeUnit.NANOSECONDS);
      }
      return;
    }
    SubscriptionData subscription = subscription(pull);
    if (subscription == null) {
      answerPull(channel, opaque, ResponseCode.SUBSCRIPTION_NOT_EXIST, offset, NO_BODY);
      return;
    }
    ByteBuffer found = ByteBuffer.allocate(1 << 22);
    long next = offset;
    for (int taken = 0; next < queue.size() && taken < pull.messagesMax(); next++) {
      byte[] record = queue.get((int) next);
      ByteBuffer properties = MessageRecord.properties(ByteBuffer.wrap(record), 0);
      if (subscription.isAll()
          || subscription.tagHashes().contains(MessageProperties.tagHash(properties))) {
        found.put(record);
        taken++;
      }
    }
    byte[] body = new byte[found.position()];
    found.flip().get(body);
    answerPull(
        channel,
        opaque,
        body.length == 0 ? ResponseCode.PULL_RETRY_IMMEDIATELY : ResponseCode.SUCCESS,
        next,
        body);
  }

  private @Nullable SubscriptionData subscription(PullRequestHeader pull) {
    for (TestCluster.Member member :
        cluster.groups.getOrDefault(pull.consumerGroup(), Map.of()).values()) {
      for (SubscriptionData subscription : member.data().subscriptions()) {
        if (subscription.topic().equals(pull.topic())) {
          return subscription;
        }
      }
    }
    return null;
  }

  private void heartbeat(Channel channel, RemotingCommand request) {
    HeartbeatData heartbeat = HeartbeatData.fromJson(request.body());
    for (ConsumerData consumer : heartbeat.consumers()) {
      Map<String, TestCluster.Member> members =
          cluster.groups.computeIfAbsent(consumer.group(), group -> new TreeMap<>());
      boolean joined = !members.containsKey(heartbeat.clientId());
      members.put(heartbeat.clientId(), new TestCluster.Member(channel, consumer));
      if (joined) {
        notifyMembers(consumer.group());
      }
    }
    answer(channel, request, 0, CommandHeader.NONE, NO_BODY);
  }

  private void unregister(Channel channel, RemotingCommand request) {
    UnregisterClientRequestHeader leave = UnregisterClientRequestHeader.read(request.fields());
    if (leave.consumerGroup() != null) {
      cluster.groups.getOrDefault(leave.consumerGroup(), new TreeMap<>()).remove(leave.clientId());
      notifyMembers(leave.consumerGroup());
    }
    answer(channel, request, 0, CommandHeader.NONE, NO_BODY);
  }

  private void onClosed(Channel channel) {
    firstCodes.remove(channel);
    synchronized (cluster) {
      cluster.groups.forEach(
          (group, members) -> {
            if (members.values().removeIf(member -> member.channel() == channel)) {
              notifyMembers(group);
            }
          });
    }
  }

  private void answerPull(Channel channel, int opaque, int code, long next, byte[] body) {
    ByteBuf frame = channel.alloc().buffer();
    CommandCodec.encodeResponse(
        frame,
        HeaderCodec.JSON,
        opaque,
        code,
        null,
        new PullResponseHeader(0, next, 0, next),
        body.length);
    channel.writeAndFlush(frame.writeBytes(body));
  }

  private static void answer(
      Channel channel, RemotingCommand request, int code, CommandHeader header, byte[] body) {
    ByteBuf frame = channel.alloc().buffer();
    CommandCodec.encodeResponse(frame, request, code, null, header, body.length);
    channel.writeAndFlush(frame.writeBytes(body));
  }

  private record Trouble(int responseCode, AtomicInteger left) {}

  private final class Handler extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      connections.add(ctx.channel());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      connections.remove(ctx.channel());
      onClosed(ctx.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      RemotingCommand request = (RemotingCommand) message;
      try {
        handle(ctx.channel(), request);
      } finally {
        request.release();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}

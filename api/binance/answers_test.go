package binance

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// shapes are the fields that the published pages give to what answers are made of, each with its type: s a text, n a
// number, d a text that is a decimal number, b yes or no, * anything, [name] a list of what has a name here, and {name} an object of that. A field
// that ends with ? may be missing. What is published nowhere is named in ours.
var shapes = map[string]string{
	"ping":   "",
	"time":   "serverTime:n",
	"limit":  "rateLimitType:s interval:s intervalNum:n limit:n count?:n",
	"filter": "filterType:s *",
	"info":   "timezone:s serverTime:n rateLimits:[limit] exchangeFilters:[filter] symbols:[symbol]",
	"symbol": "symbol:s status:s baseAsset:s baseAssetPrecision:n quoteAsset:s quotePrecision:n quoteAssetPrecision:n baseCommissionPrecision:n quoteCommissionPrecision:n " +
		"orderTypes:* icebergAllowed:b ocoAllowed:b otoAllowed:b opoAllowed:b quoteOrderQtyMarketAllowed:b allowTrailingStop:b cancelReplaceAllowed:b amendAllowed:b " +
		"pegInstructionsAllowed:b isSpotTradingAllowed:b isMarginTradingAllowed:b filters:[filter] permissions:* permissionSets:* defaultSelfTradePreventionMode:s allowedSelfTradePreventionModes:*",
	"depth":  "lastUpdateId:n bids:* asks:*",
	"trade":  "id:n price:d qty:d quoteQty:d time:n isBuyerMaker:b isBestMatch:b",
	"agg":    "a:n p:d q:d f:n l:n T:n m:b M:b",
	"avg":    "mins:n price:d closeTime:n",
	"window": "symbol:s openPrice:d highPrice:d lowPrice:d lastPrice:d volume:d quoteVolume:d openTime:n closeTime:n firstId:n lastId:n count:n",
	"rolling": "symbol:s priceChange:d priceChangePercent:d weightedAvgPrice:d openPrice:d highPrice:d lowPrice:d lastPrice:d volume:d quoteVolume:d openTime:n closeTime:n " +
		"firstId:n lastId:n count:n",
	"day": "symbol:s priceChange:d priceChangePercent:d weightedAvgPrice:d prevClosePrice:d lastPrice:d lastQty:d bidPrice:d bidQty:d askPrice:d askQty:d openPrice:d highPrice:d " +
		"lowPrice:d volume:d quoteVolume:d openTime:n closeTime:n firstId:n lastId:n count:n",
	"price": "symbol:s price:d",
	"best":  "symbol:s bidPrice:d bidQty:d askPrice:d askQty:d",

	"ack":      "symbol:s orderId:n orderListId:n clientOrderId:s transactTime:n",
	"result":   ofOrder + " transactTime:n workingTime:n" + ofFew,
	"full":     ofOrder + " transactTime:n workingTime:n fills:[fill]" + ofFew,
	"fill":     "price:d qty:d commission:d commissionAsset:s tradeId:n",
	"row":      ofOrder + " stopPrice:d icebergQty:d time:n updateTime:n isWorking:b workingTime:n strategyId?:n strategyType?:n trailingDelta?:n trailingTime?:n preventedMatchId?:n preventedQuantity?:d expiryReason?:s",
	"canceled": ofOrder + " origClientOrderId:s transactTime:n" + ofFew,
	"replaced": "cancelResult:s newOrderResult:s cancelResponse:{canceled} newOrderResponse:{full}",
	"amended":  "transactTime:n executionId:n amendedOrder:{smaller}",
	"smaller": "symbol:s orderId:n orderListId:n origClientOrderId:s clientOrderId:s price:d qty:d executedQty:d preventedQty:d quoteOrderQty:d cumulativeQuoteQty:d status:s " +
		"timeInForce:s type:s side:s workingTime:n selfTradePreventionMode:s strategyId?:n strategyType?:n",
	"amendment": "symbol:s orderId:n executionId:n origClientOrderId:s newClientOrderId:s origQty:d newQty:d time:n",
	"list":      ofList,
	"placed":    ofList + " orderReports:[result]",
	"unlisted":  ofList + " orderReports:[canceled]",
	"member":    "symbol:s orderId:n clientOrderId:s",
	"mine":      "symbol:s id:n orderId:n orderListId:n price:d qty:d quoteQty:d commission:d commissionAsset:s time:n isBuyer:b isMaker:b isBestMatch:b",
	"account": "makerCommission:n takerCommission:n buyerCommission:n sellerCommission:n commissionRates:{rates} canTrade:b canWithdraw:b canDeposit:b brokered:b " +
		"requireSelfTradePrevention:b preventSor:b updateTime:n accountType:s balances:[balance] permissions:* uid:n",
	"rates":      "maker:d taker:d buyer:d seller:d",
	"balance":    "asset:s free:d locked:d",
	"commission": "symbol:s standardCommission:{rates} specialCommission:{rates} taxCommission:{rates} discount:{discount}",
	"discount":   "enabledForAccount:b enabledForSymbol:b discountAsset:s discount:d",
	"filters":    "exchangeFilters:[filter] symbolFilters:[filter] assetFilters:[filter]",
	"forOrder":   "standardCommissionForOrder:{two} specialCommissionForOrder:{two} taxCommissionForOrder:{two} discount:{discount}",
	"two":        "maker:d taker:d",
	"prevented":  "symbol:s preventedMatchId:n takerOrderId:n makerSymbol:s makerOrderId:n tradeGroupId:n selfTradePreventionMode:s price:d makerPreventedQuantity?:d takerPreventedQuantity?:d transactTime:n",
	"listenKey":  "listenKey:s",

	"coin": "coin:s depositAllEnable:b free:d freeze:d ipoable:d ipoing:d isLegalMoney:b locked:d name:s networkList:[network] storage:d trading:b withdrawAllEnable:b withdrawing:d",
	"network": "network:s coin:s name:s isDefault:b depositEnable:b withdrawEnable:b withdrawFee:d withdrawMin:d withdrawMax:d withdrawIntegerMultiple:d withdrawInternalMin:d addressRegex:s " +
		"memoRegex:s minConfirm:n unLockConfirm:n estimatedArrivalTime:n specialWithdrawTips:s resetAddressStatus:b sameAddress:b busy:b specialTips:s withdrawTag:b depositDust:d contractAddress:s contractAddressUrl:s",
	"address":    "address:s coin:s tag:s url:s",
	"deposit":    "id:s amount:d coin:s network:s status:n address:s addressTag:s txId:s insertTime:n transferType:n confirmTimes:s unlockConfirm:n walletType:n travelRuleStatus:n sourceAddress:s",
	"withdrawal": "id:s amount:d transactionFee:d coin:s network:s status:n address:s addressTag?:s txId:s applyTime:s transferType:n withdrawOrderId?:s info:s confirmNo:n walletType:n txKey:s completeTime?:s",
	"fee":        "symbol:s makerCommission:d takerCommission:d",
	"status":     "data:s",
	"system":     "status:n msg:s",
	"withdrawn":  "id:s",
	"level":      "vipLevel:n isMarginEnabled:b isFutureEnabled:b isOptionsEnabled:b isPortfolioMarginRetailEnabled:b",
	"trading":    "data:{lock}",
	"lock":       "isLocked:b plannedRecoverTime:n triggerCondition:{triggers} updateTime:n",
	"triggers":   "GCR:n IFER:n UFR:n",
	"terms": "ipRestrict:b createTime:n enableReading:b enableWithdrawals:b enableInternalTransfer:b enableMargin:b enableFutures:b permitsUniversalTransfer:b enableVanillaOptions:b " +
		"enableFixApiTrade:b enableFixReadOnly:b enableSpotAndMarginTrading:b enablePortfolioMarginTrading:b tradingAuthorityExpirationTime?:n",
	"ofBTC":  "BTC:{detail}",
	"detail": "minWithdrawAmount:d depositStatus:b withdrawFee:d withdrawStatus:b depositTip?:s",
	"held":   "asset:s free:d locked:d freeze:d withdrawing:d ipoable:d btcValuation:d",
	"travelOut": "id:s trId:n amount:d transactionFee:d coin:s withdrawalStatus:n travelRuleStatus:n address:s addressTag:s txId:s applyTime:s network:s transferType:n withdrawOrderId?:s info:s " +
		"confirmNo:n walletType:n txKey:s questionnaire:s completeTime?:s",
	"travelIn": "trId:n tranId:n depositId:s amount:d coin:s network:s depositStatus:n travelRuleStatus:n travelRuleReqStatus:n address:s addressTag:s txId:s insertTime:n transferType:n confirmTimes:s " +
		"unlockConfirm:n walletType:n requireQuestionnaire:b questionnaire:s sourceAddress:s",
	"wants": "questionnaireCountryCode:s",

	"eTrade":   "e:s E:n s:s t:n p:d q:d T:n m:b M:b",
	"eAgg":     "e:s E:n s:s a:n p:d q:d f:n l:n T:n m:b M:b",
	"eKline":   "e:s E:n s:s k:{kline}",
	"kline":    "t:n T:n s:s i:s f:n L:n o:d c:d h:d l:d v:d n:n x:b q:d V:d Q:d B:s",
	"eMini":    "e:s E:n s:s c:d o:d h:d l:d v:d q:d",
	"eTicker":  "e:s E:n s:s p:d P:d w:d x:d c:d Q:d b:d B:d a:d A:d o:d h:d l:d v:d q:d O:n C:n F:n L:n n:n",
	"eWindow":  "e:s E:n s:s p:d P:d o:d h:d l:d c:d w:d v:d q:d O:n C:n F:n L:n n:n",
	"eBest":    "u:n s:s b:d B:d a:d A:d",
	"eAverage": "e:s E:n s:s i:s w:d T:n",
	"eDepth":   "e:s E:n s:s U:n u:n b:* a:*",

	"report": "e:s E:n s:s c:s S:s o:s f:s q:d p:d P:d F:d g:n C:s x:s X:s r:s i:n l:d z:d L:d n:d N:* T:n t:n I:n w:b m:b M:b O:n Z:d Y:d Q:d V:s " +
		"W?:n j?:n J?:n v?:n A?:d B?:d u?:n U?:n Cs?:s pl?:d pL?:d pY?:d eR?:s d?:n D?:n",
	"position": "e:s E:n u:n B:[free]",
	"free":     "a:s f:d l:d",
	"delta":    "e:s E:n a:s d:d T:n",
	"eList":    "e:s E:n s:s g:n c:s l:s L:s r:s C:s T:n O:[eMember]",
	"eMember":  "s:s i:n c:s",
}

const (
	ofOrder = "symbol:s orderId:n orderListId:n clientOrderId:s price:d origQty:d executedQty:d origQuoteOrderQty:d cummulativeQuoteQty:d status:s timeInForce:s type:s side:s selfTradePreventionMode:s"
	ofFew   = " stopPrice?:d icebergQty?:d trailingDelta?:n trailingTime?:n strategyId?:n strategyType?:n preventedMatchId?:n preventedQuantity?:d expiryReason?:s"
	ofList  = "orderListId:n contingencyType:s listStatusType:s listOrderStatus:s listClientOrderId:s transactionTime:n symbol:s orders:[member]"
)

// ours are fields of answers that are published nowhere.
var ours = []string{"account.tradeGroupId"}

// TestAnswers walks the endpoints that answer with something and holds each answer to its shape: every published field
// is there and of its type, and there is no other.
func TestAnswers(t *testing.T) {
	x, _, ada, bob := start(t)
	const sell = "symbol=BTCUSDT&side=SELL&timeInForce=GTC&type=LIMIT"
	ada.order(sell + "&quantity=0.5&price=40000&icebergQty=0.1&strategyId=1&strategyType=1000000&newClientOrderId=rests")
	bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	ada.order("symbol=BTCUSDT&side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=0.1&price=38000&stopPrice=39000&newClientOrderId=waits")
	ada.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.05&price=40000&selfTradePreventionMode=EXPIRE_TAKER&newClientOrderId=own")
	x.Clock.Set(x.Clock.Now().Add(time.Minute))
	const btc, oco = "symbol=BTCUSDT", "symbol=BTCUSDT&side=SELL&quantity=0.1&aboveType=LIMIT_MAKER&abovePrice=42000&belowType=STOP_LOSS&belowStopPrice=38000"
	own := strconv.FormatFloat(fields(t, ada.do("GET", "/api/v3/order", btc+"&origClientOrderId=own"))["orderId"].(float64), 'f', -1, 64)
	for _, c := range []struct{ method, path, params, shape string }{
		{"GET", "ping", "", "{ping}"}, {"GET", "time", "", "{time}"}, {"GET", "exchangeInfo", "", "{info}"}, {"GET", "depth", btc, "{depth}"},
		{"GET", "trades", btc, "[trade]"}, {"GET", "historicalTrades", btc, "[trade]"}, {"GET", "aggTrades", btc, "[agg]"}, {"GET", "avgPrice", btc, "{avg}"},
		{"GET", "ticker", btc, "{rolling}"}, {"GET", "ticker", btc + "&type=MINI", "{window}"}, {"GET", "ticker/tradingDay", btc, "{rolling}"},
		{"GET", "ticker/24hr", btc, "{day}"}, {"GET", "ticker/24hr", "", "[day]"}, {"GET", "ticker/24hr", "type=MINI", "[window]"},
		{"GET", "ticker/price", btc, "{price}"}, {"GET", "ticker/price", "", "[price]"}, {"GET", "ticker/bookTicker", btc, "{best}"}, {"GET", "ticker/bookTicker", "", "[best]"},

		{"POST", "order", sell + "&quantity=0.1&price=41000&newOrderRespType=ACK", "{ack}"},
		{"POST", "order", sell + "&quantity=0.1&price=41000&newOrderRespType=RESULT&strategyId=5", "{result}"},
		{"POST", "order", "symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&quantity=0.1&stopPrice=45000&newOrderRespType=RESULT", "{result}"},
		{"POST", "order", sell + "&quantity=0.1&price=41000&newClientOrderId=b", "{full}"},
		{"POST", "order/test", sell + "&quantity=0.1&price=41000", "{ping}"}, {"POST", "order/test", sell + "&quantity=0.1&price=41000&computeCommissionRates=true", "{forOrder}"},
		{"GET", "order", btc + "&origClientOrderId=rests", "{row}"}, {"GET", "order", btc + "&origClientOrderId=waits", "{row}"},
		{"GET", "openOrders", btc, "[row]"}, {"GET", "allOrders", btc, "[row]"},
		{"PUT", "order/amend/keepPriority", btc + "&origClientOrderId=b&newClientOrderId=b&newQty=0.05", "{amended}"},
		{"POST", "order/cancelReplace", sell + "&quantity=0.1&price=41000&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=b&newClientOrderId=c", "{replaced}"},
		{"DELETE", "order", btc + "&origClientOrderId=c", "{canceled}"},
		{"POST", "orderList/oco", oco + "&listClientOrderId=l", "{placed}"}, {"GET", "orderList", "origClientOrderId=l", "{list}"}, {"GET", "openOrderList", "", "[list]"},
		{"GET", "allOrderList", "", "[list]"}, {"DELETE", "orderList", btc + "&listClientOrderId=l", "{unlisted}"},
		{"GET", "myTrades", btc, "[mine]"}, {"GET", "myPreventedMatches", btc + "&orderId=" + own, "[prevented]"},
		{"DELETE", "openOrders", btc, "[canceled]"},
		{"GET", "account", "", "{account}"}, {"GET", "account/commission", btc, "{commission}"}, {"GET", "myFilters", btc, "{filters}"}, {"GET", "rateLimit/order", "", "[limit]"},

		{"GET", "/sapi/v1/system/status", "", "{system}"}, {"GET", "/sapi/v1/capital/config/getall", "", "[coin]"}, {"GET", "/sapi/v1/capital/deposit/address", "coin=BTC", "{address}"},
		{"GET", "/sapi/v1/capital/deposit/hisrec", "", "[deposit]"}, {"GET", "/sapi/v1/asset/tradeFee", "", "[fee]"}, {"GET", "/sapi/v1/account/status", "", "{status}"},
		{"POST", "/sapi/v1/capital/withdraw/apply", "coin=BTC&amount=0.1&address=1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "{withdrawn}"}, {"GET", "/sapi/v1/capital/withdraw/history", "", "[withdrawal]"},
		{"GET", "/sapi/v1/account/info", "", "{level}"}, {"GET", "/sapi/v1/account/apiTradingStatus", "", "{trading}"}, {"GET", "/sapi/v1/account/apiRestrictions", "", "{terms}"},
		{"GET", "/sapi/v1/asset/assetDetail", "asset=BTC", "{ofBTC}"}, {"POST", "/sapi/v3/asset/getUserAsset", "", "[held]"},
		{"GET", "/sapi/v1/localentity/withdraw/history", "", "[travelOut]"}, {"GET", "/sapi/v2/localentity/withdraw/history", "", "[travelOut]"},
		{"GET", "/sapi/v1/localentity/deposit/history", "", "[travelIn]"}, {"GET", "/sapi/v2/localentity/deposit/history", "", "[travelIn]"},
		{"GET", "/sapi/v1/localentity/questionnaire-requirements", "", "{wants}"},
	} {
		path := c.path
		if !strings.HasPrefix(path, "/") {
			path = "/api/v3/" + path
		}
		ask := ada.do
		if e, ok := ada.wire.(*Server).routes[path][c.method]; !ok || !e.keyed {
			ask = func(method, path, params string) *httptest.ResponseRecorder { return ada.raw(method, path, params, "") }
		}
		w := ask(c.method, path, c.params)
		var v any
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != 200 {
			t.Errorf("%s %s %s: %d %s", c.method, path, c.params, w.Code, w.Body)
			continue
		}
		for _, wrong := range misshapen(c.shape, v) {
			t.Errorf("%s %s %s: %s", c.method, path, c.params, wrong)
		}
		if list, ok := v.([]any); ok && len(list) == 0 && c.shape != "*" {
			t.Errorf("%s %s %s: nothing to be held to a shape", c.method, path, c.params)
		}
	}
}

// misshapen is what of a value is not of a shape.
func misshapen(shape string, v any) (wrong []string) {
	switch {
	case shape == "*":
		return nil
	case strings.HasPrefix(shape, "["):
		list, ok := v.([]any)
		if !ok {
			return []string{fmt.Sprintf("%v is no list of %s", v, shape)}
		}
		for _, item := range list {
			wrong = append(wrong, misshapen("{"+strings.Trim(shape, "[]")+"}", item)...)
		}
		return wrong
	case strings.HasPrefix(shape, "{"):
		return misshapenObject(strings.Trim(shape, "{}"), v)
	}
	ok := false
	switch shape {
	case "s":
		_, ok = v.(string)
	case "n":
		_, ok = v.(float64)
	case "b":
		_, ok = v.(bool)
	case "d":
		s, text := v.(string)
		whole, frac, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
		ok = text && from(whole, digits, 1, 40) && (!point || from(frac, digits, 1, 18))
	}
	if !ok {
		wrong = append(wrong, fmt.Sprintf("%#v is no %s", v, shape))
	}
	return wrong
}

func misshapenObject(name string, v any) (wrong []string) {
	o, ok := v.(map[string]any)
	fs, known := shapes[name]
	if !ok || !known {
		return []string{fmt.Sprintf("%v is no %s", v, name)}
	}
	seen, open := map[string]bool{}, false
	for _, f := range strings.Fields(fs) {
		if f == "*" {
			open = true
			continue
		}
		field, shape, _ := strings.Cut(f, ":")
		field, optional := strings.CutSuffix(field, "?")
		seen[field] = true
		value, there := o[field]
		switch {
		case there:
			for _, w := range misshapen(shape, value) {
				wrong = append(wrong, name+"."+field+": "+w)
			}
		case !optional:
			wrong = append(wrong, name+"."+field+" is missing")
		}
	}
	for field := range o {
		if !open && !seen[field] && !slices.Contains(ours, name+"."+field) {
			wrong = append(wrong, name+"."+field+" is published nowhere")
		}
	}
	slices.Sort(wrong)
	return wrong
}
